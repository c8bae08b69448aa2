import { randomBytes } from 'node:crypto'
import { renameSync } from 'node:fs'
import { link, mkdir, open, readdir, type rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The calls whose failures tests put in. */
export interface FileCalls {
  readonly rename: typeof rename
  readonly link: typeof link
}

/** The rename is synchronous, so that nothing comes between asking whether the file is current and replacing it. */
const SYSTEM: FileCalls = { rename: async (from, to) => renameSync(from, to), link }

const RENAME_TRIES = 10
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
  { calls = SYSTEM, isCurrent = () => true }: { calls?: FileCalls | undefined; isCurrent?: () => boolean } = {},
): Promise<boolean> {
  const temporary = await writeTemporary(file, text)
  try {
    if (!isCurrent()) {
      await rm(temporary, { force: true })
      return false
    }
    await renameWithPatience(temporary, file, calls)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
  await syncFolder(path.dirname(file))
  return true
}

/**
 * Creates the file with this content unless it exists: of any number of simultaneous writers, the first wins and its
 * content appears whole.
 * @returns whether this call created it
 * @throws the system's error when it cannot be written
 */
export async function createExclusively(file: string, text: string, calls = SYSTEM): Promise<boolean> {
  const temporary = await writeTemporary(file, text)
  try {
    await calls.link(temporary, file)
    await syncFolder(path.dirname(file))
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    // exFAT and some network file systems have no links. What is left is exclusive, though not whole at once.
    return await createPlainly(file, text)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function createPlainly(file: string, text: string): Promise<boolean> {
  try {
    await writeSynced(file, text)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw error
  }
}

async function writeTemporary(file: string, text: string): Promise<string> {
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

async function writeSynced(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** On Windows a rename fails while any process, a virus scanner say, holds the target; it is over in a moment. */
async function renameWithPatience(from: string, to: string, calls: FileCalls): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await calls.rename(from, to)
      return
    } catch (error) {
      const passing = ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '')
      if (!passing || attempt === RENAME_TRIES) throw error
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
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {
    // Windows opens no folders.
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}
