/** Checks every commit since the rules for commits came: its message, and its changeset. */
import { spawnSync } from 'node:child_process'
import { leaveOut } from '../circumstances'
import { LOG_OPTIONS, parseLog, withoutChangeset } from './changesets'
import accepted from './without-changeset.json'

const CONFIG = 'commitlint.config.ts'

/** What git prints, or undefined where git fails or is not there. */
function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  return status === 0 ? stdout.trim() : undefined
}

/** The commit that the rules came with, or why none can be found. */
function findFirst(): { readonly hash: string } | { readonly why: string } {
  if (git('rev-parse', '--is-shallow-repository') !== 'false') return { why: 'no clone with its whole history' }
  const added = git('log', '--diff-filter=A', '--format=%H', '--', CONFIG)
  return added ? { hash: added.split('\n').at(-1) ?? added } : { why: `no commit has added ${CONFIG}` }
}

/** @param first the hash of the first commit to check */
function checkSince(first: string): void {
  const commits = parseLog(git('log', ...LOG_OPTIONS, `${first}^..HEAD`) ?? '')
  const lacking = withoutChangeset(commits, accepted)
  for (const line of lacking) console.error(`no changeset: ${line}`)
  const range = ['--from', `${first}^`, '--to', 'HEAD']
  const { status } = spawnSync('npx', ['--no-install', 'commitlint', ...range], { stdio: 'inherit' })
  if (lacking.length > 0 || status !== 0) process.exitCode = 1
  else console.log(`${commits.length} commits keep the rules`)
}

const first = findFirst()
if ('why' in first) leaveOut(first.why)
else checkSince(first.hash)
