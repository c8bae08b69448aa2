/** A commit as far as changesets are concerned. */
export interface Commit {
  readonly hash: string
  /** The first line of the message. */
  readonly header: string
  /** The paths that the commit touches, below the root. */
  readonly paths: readonly string[]
}

/** The headers of changes that users notice: a feature, a fix, or a breaking change of any type. */
const FOR_USERS = /^((feat|fix)(\([^)]*\))?!?|\w+(\([^)]*\))?!): /

/**
 * Finds the commits that lack a changeset.
 * @param accepted commits that need none, by hash, each with the reason
 * @returns a line for each of them, such as `1c36516 feat: lend seats`
 */
export function withoutChangeset(
  commits: readonly Commit[],
  accepted: Readonly<Record<string, string>> = {},
): string[] {
  return commits
    .filter(({ header, paths }) => FOR_USERS.test(header) && !paths.some((path) => path.startsWith('.changeset/')))
    .filter(({ hash }) => accepted[hash] === undefined)
    .map(({ hash, header }) => `${hash.slice(0, 7)} ${header}`)
}

/** How git is to print commits for {@link parseLog}. */
export const LOG_OPTIONS = ['--format=%x1e%H%x1f%s%x1f', '--name-only'] as const

/** Reads the output of `git log` with {@link LOG_OPTIONS}. */
export function parseLog(log: string): Commit[] {
  const records = log.split('\x1e').slice(1)
  return records.map((record) => {
    const [hash = '', header = '', paths = ''] = record.split('\x1f')
    return { hash, header, paths: paths.split('\n').filter((path) => path !== '') }
  })
}
