import { randomBytes } from 'node:crypto'
import { constants, renameSync } from 'node:fs'
import { chmod, chown, type FileHandle, link, mkdir, open, readdir, type rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from './error-code'

/** The system calls whose failures tests put in. */
export interface FileCalls {
  readonly rename: typeof rename
  readonly link: typeof link
  readonly rm: typeof rm
}

/** The rename is synchronous, so that nothing comes between asking whether the file is current and replacing it. */
export const SYSTEM_CALLS: FileCalls = { rename: async (from, to) => renameSync(from, to), link, rm }

/** How a file is put in its place. */
export interface Placing {
  readonly calls?: FileCalls | undefined
  /**
   * True when the folder also holds files of others: the folder must be there, and nothing else in it is touched.
   * Default false: the folder is made when it is missing, with mode 0700, and temporary files that killed writers left
   * in it are removed.
   */
  readonly sharedFolder?: boolean
}

interface Replacing extends Placing {
  readonly isCurrent?: () => boolean
  readonly keepsOwner?: boolean
}

const IS_ROOT = process.getuid?.() === 0

const MAX_TRIES = 10
/** What passes by itself: another process holds the file, such as a virus scanner on Windows, or too many files are open. */
const PASSING = ['EPERM', 'EACCES', 'EBUSY', 'EAGAIN', 'EMFILE', 'ENFILE']
const LEFTOVER_AGE_MS = 3_600_000
const TEMPORARY = /\.[0-9a-f]{16}\.tmp$/

/**
 * Replaces the content of a file in one step: a reader sees the old text or the new one, also across a crash or a full
 * disk. Of two simultaneous writers the last one wins. The file has mode 0600.
 *
 * @param isCurrent asked immediately before the file is replaced; when it says false, the file is left as it is
 * @param keepsOwner true where the file, which is there, keeps its owner, group and mode. Default false
 * @returns whether the file was replaced
 * @throws the system's error when the file cannot be written; the old content is then still there
 */
export async function writeAtomically(
  file: string,
  text: string,
  { calls = SYSTEM_CALLS, isCurrent = () => true, keepsOwner, sharedFolder }: Replacing = {},
): Promise<boolean> {
  return await placeFile(file, text, sharedFolder, async (temporary) => {
    if (keepsOwner) await takeAfter(file, temporary)
    if (!isCurrent()) return false
    await withPatience(() => calls.rename(temporary, file))
    return true
  })
}

/**
 * Writes a temporary file beside `file`, lets `place` put it in place, and removes it if it is still there.
 * @param place returns whether it has put the temporary file in place
 */
export async function placeFile(
  file: string,
  text: string,
  sharedFolder: boolean | undefined,
  place: (temporary: string) => Promise<boolean>,
): Promise<boolean> {
  const folder = path.dirname(file)
  if (!sharedFolder) await makeFolder(folder)
  const temporary = `${file}.${randomBytes(8).toString('hex')}.tmp`
  try {
    await writeSynced(temporary, text, !sharedFolder)
    if (!sharedFolder) await sweepLeftovers(folder, temporary)
    const placed = await place(temporary)
    if (placed) await syncFolder(folder)
    return placed
  } finally {
    await rm(temporary, { force: true })
  }
}

/**
 * Writes a new file with mode 0600 and waits until its content is on the disk.
 * @param followsFolder true: what root writes belongs to the owner of the folder. Default false
 * @throws the system's error, EEXIST when the file exists
 */
export async function writeSynced(file: string, text: string, followsFolder = false): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    if (followsFolder) await leaveToOwner(handle, path.dirname(file))
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a folder and those above it, each for this user alone, and for the owner of the folder it is in. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 })
  if (first === undefined || !IS_ROOT) return
  for (let made = folder; made.length >= first.length; made = path.dirname(made)) {
    const handle = await open(made, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    await leaveToOwner(handle, path.dirname(first)).finally(() => handle.close())
  }
}

/** What root writes in a user's folder is the user's (`sudo app`): the app that runs without root must read it. */
async function leaveToOwner(made: FileHandle, folder: string): Promise<void> {
  if (!IS_ROOT) return
  const { uid, gid } = await stat(folder)
  if (uid !== 0) await made.chown(uid, gid)
}

/** Gives a new file the owner, group and mode of the one it is to replace. */
async function takeAfter(file: string, temporary: string): Promise<void> {
  const [old, fresh] = await Promise.all([stat(file), stat(temporary)])
  if (old.uid !== fresh.uid || old.gid !== fresh.gid) await chown(temporary, old.uid, old.gid)
  if (old.mode !== fresh.mode) await chmod(temporary, old.mode & 0o777)
}

/**
 * Removes a file; a file that is not there counts as removed.
 * @throws the system's error when the file cannot be removed
 */
export async function removePatiently(file: string, calls = SYSTEM_CALLS): Promise<void> {
  await withPatience(() => calls.rm(file, { force: true }))
}

/**
 * Repeats a step while it fails for a reason that passes soon. Windows lets nobody read, replace or remove a file that, for
 * example, a virus scanner has open.
 *
 * @throws the system's error of the last try
 */
export async function withPatience<T>(act: () => Promise<T>, tries = MAX_TRIES): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await act()
    } catch (error) {
      if (!PASSING.includes(codeOf(error) ?? '') || attempt === tries) throw error
      await sleep(10 + Math.random() * Math.min(190, 10 * 2 ** attempt))
    }
  }
}

/**
 * Removes the temporary files that killed writers left. The age of a file is measured against a file that was just
 * written, so that a wrong clock does no harm.
 */
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

/** Makes the new name in the folder survive a power cut. Not every platform can do that; the content is safe either way. */
async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r')
    await handle.sync().finally(() => handle.close())
  } catch {
    // Windows opens no folders.
  }
}
