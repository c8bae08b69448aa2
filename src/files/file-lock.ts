import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { removePatiently, withPatience, writeSynced } from './atomic-file'
import { codeOf } from './error-code'

/** Work under a lock takes milliseconds: a lock that stands this long is that of a process that has died. */
const STALE_MS = 5_000
const GIVE_UP_MS = 60_000

/**
 * Does work that only one process at a time does for a file, by a file `<file>.lock` beside it.
 *
 * @param work is told how to ask whether the lock is still this process's: one that was stopped for seconds may have
 *   lost it, so work asks immediately before it changes anything
 * @param staleMs how long a lock may stand before it counts as left by a process that has died. Default 5 seconds
 * @returns what the work returns
 * @throws what the work throws, or the system's error when the lock cannot be made; with code ETIMEDOUT when others have
 *   held it for a minute
 */
export async function withFileLock<T>(
  file: string,
  work: (isHeld: () => boolean) => Promise<T>,
  staleMs: number = STALE_MS,
): Promise<T> {
  const lock = `${file}.lock`
  const token = randomBytes(16).toString('hex')
  await take(lock, token, staleMs)
  const isHeld = () => textOf(lock) === token
  try {
    return await work(isHeld)
  } finally {
    // A lock that cannot be removed is broken by the next process.
    if (isHeld()) await removePatiently(lock).catch(() => undefined)
  }
}

async function take(lock: string, token: string, staleMs: number): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_MS
  let seen: string | undefined
  let since = 0
  while (!(await isMade(lock, token))) {
    const mark = await markOf(lock)
    const now = performance.now()
    if (mark !== seen) {
      seen = mark
      since = now
    }
    // The age is what this process has seen itself: neither clock nor process number of another computer counts.
    if (mark !== undefined && now - since > staleMs) await breakLock(lock, mark)
    if (now > giveUpAt) throw Object.assign(new Error(`${lock} is held by another process`), { code: 'ETIMEDOUT' })
    await sleep(2 + Math.random() * 20)
  }
}

async function isMade(lock: string, token: string): Promise<boolean> {
  try {
    await withPatience(() => writeSynced(lock, token))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Moves the lock aside first: of several that break it one succeeds, and a lock that is newer than it seemed is put back. */
async function breakLock(lock: string, mark: string): Promise<void> {
  const aside = `${lock}.${randomBytes(8).toString('hex')}.tmp`
  try {
    await rename(lock, aside)
    if ((await markOf(aside)) !== mark) await link(aside, lock)
  } catch {
    // Another process was faster. Whoever has lost a lock finds that out before it changes anything.
  } finally {
    await rm(aside, { force: true })
  }
}

/** Tells one lock from the next; undefined where there is none. */
async function markOf(lock: string): Promise<string | undefined> {
  return await stat(lock).then(
    ({ ino, mtimeMs }) => `${ino} ${mtimeMs}`,
    () => undefined,
  )
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
