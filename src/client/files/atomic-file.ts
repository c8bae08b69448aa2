import { randomBytes } from 'node:crypto'
import { renameSync } from 'node:fs'
import { link, mkdir, open, readdir, type rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The calls whose failures tests put in. */
export interface FileCalls {
  readonly rename: typeof rename
  readonly link: typeof link
  readonly rm: typeof rm
}

/** The rename is synchronous, so that nothing comes between asking whether the file is current and replacing it. */
export const SYSTEM_CALLS: FileCalls = { rename: async (from, to) => renameSync(from, to), link, rm }

const TRIES = 10
const LEFTOVER_AGE_MS = 3_600_000
const TEMPORARY = /\.[0-9a-f]{16}\.tmp$/

/**
 * Replaces the file's content in one step: readers see the old text or the new, also across a crash or a full disk.
 * Of two simultaneous writers the last wins. Mode 0600, in a folder of mode 0700.
 * @param isCurrent asked immediately before the file is replaced; false leaves it as it is
 * @returns whether the file was replaced
 * @throws the system's error when it cannot be written; the old content is then still there
 */
export async function writeAtomically(
  file: string,
  text: string,
  { calls = SYSTEM_CALLS, isCurrent = () => true }: { calls?: FileCalls | undefined; isCurrent?: () => boolean } = {},
): Promise<boolean> {
  const temporary = await writeTemporary(file, text)
  try {
    if (!isCurrent()) {
      await rm(temporary, { force: true })
      return false
    }
    await withPatience(() => calls.rename(temporary, file))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(path.dirname(file))
  return true
}

/** Writes a file beside `file`, for a step that then puts it in place. The caller removes what is left of it. */
export async function writeTemporary(file: string, text: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${randomBytes(8).toString('hex')}.tmp`
  try {
    await writeSynced(temporary, text)
    await sweepLeftovers(path.dirname(file), temporary)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  return temporary
}

/** Fails where the file exists. Mode 0600. */
export async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Removes the file, if there is one.
 * @throws the system's error when it cannot be removed
 */
export async function removePatiently(file: string, calls = SYSTEM_CALLS): Promise<void> {
  await withPatience(() => calls.rm(file, { force: true }))
}

/** On Windows nobody may replace or remove a file while a process, a virus scanner say, holds it; that passes soon. */
async function withPatience(act: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await act()
      return
    } catch (error) {
      const passing = ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '')
      if (!passing || attempt === TRIES) throw error
      await sleep(10 + Math.random() * Math.min(190, 10 * 2 ** attempt))
    }
  }
}

/** What killed writers left. Ages are measured against a file just written, so that no wrong clock matters. */
async function sweepLeftovers(folder: string, fresh: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => TEMPORARY.test(name))
  if (names.length < 2) return
  const { mtimeMs: present } = await stat(fresh)
  for (const name of names) {
    const file = path.join(folder, name)
    const age = await stat(file).then(
      (found) => present - found.mtimeMs,
      () => 0,
    )
    if (age > LEFTOVER_AGE_MS) await rm(file, { force: true }).catch(() => undefined)
  }
}

/** Makes the new directory entry itself durable. Not every platform can; the content is safe either way. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {
    // Windows opens no folders.
  }
}

export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
