/** What the usual CI systems set in every job. */
export const CI_VARIABLES: readonly string[] = [
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'BUILDKITE',
  'JENKINS_URL',
  'TF_BUILD',
  'CIRCLECI',
  'TEAMCITY_VERSION',
  'BITBUCKET_BUILD_NUMBER',
  'CODEBUILD_BUILD_ID',
  'CI',
]

/** The variable that says that this process runs in CI, where the next run may be another computer; undefined where none does. */
export function findCiVariable(env: Readonly<Record<string, string | undefined>>): string | undefined {
  return CI_VARIABLES.find((name) => !['', '0', 'false'].includes(env[name]?.toLowerCase() ?? ''))
}
