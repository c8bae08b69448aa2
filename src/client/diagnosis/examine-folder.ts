import { randomBytes } from 'node:crypto'
import { open, readdir, rm, stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { isTicketFile } from '../store/ticket-file'
import type { FolderFinding } from './diagnosis'

/** Tells the type of the file system a folder is on, as statfs(2) numbers them. May throw. */
export type ReadFileSystemType = (folder: string) => Promise<number>

export const readFileSystemType: ReadFileSystemType = async (folder) => (await statfs(folder)).type

/** @see statfs(2) */
const IN_MEMORY: readonly number[] = [0x01021994 /* tmpfs */, 0x858458f6 /* ramfs */]
const OVERLAY = 0x794c7630

const NO_FOLDER: FolderFinding = {
  path: null,
  exists: false,
  writable: false,
  systemCode: null,
  lasts: 'unknown',
  pendingDeactivations: 0,
}

/**
 * Looks at the data folder and changes nothing in it. When there is no folder yet, the nearest folder above it is tried.
 */
export async function examineFolder(
  dataDir: string | undefined,
  container: boolean,
  fileSystemType: ReadFileSystemType,
): Promise<FolderFinding> {
  if (dataDir === undefined) return NO_FOLDER
  const exists = await isFolder(dataDir)
  const standing = exists ? dataDir : await nearestThatStands(dataDir)
  const systemCode = await tryToWrite(standing)
  const type = await fileSystemType(standing).catch(() => undefined)
  return {
    path: dataDir,
    exists,
    writable: systemCode === null,
    systemCode,
    lasts: lifetimeOn(type, container),
    pendingDeactivations: (await readdir(dataDir).catch(() => [])).filter(isTicketFile).length,
  }
}

function lifetimeOn(type: number | undefined, container: boolean): FolderFinding['lasts'] {
  // Windows gives no types.
  if (type === undefined || type === 0) return 'unknown'
  if (IN_MEMORY.includes(type)) return 'until-restart'
  return container && type === OVERLAY ? 'as-long-as-container' : 'for-good'
}

async function isFolder(folder: string): Promise<boolean> {
  return await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** The folder itself, or the nearest one above it that exists. */
async function nearestThatStands(folder: string): Promise<string> {
  const above = path.dirname(folder)
  const missing = await stat(folder).then(
    () => false,
    ({ code }: NodeJS.ErrnoException) => code === 'ENOENT',
  )
  return missing && above !== folder ? await nearestThatStands(above) : folder
}

/**
 * Writes a small file to try it, since permissions do not show quotas, full disks and virus scanners.
 * @returns the system's name for the failure; null when the file could be written
 */
async function tryToWrite(folder: string): Promise<string | null> {
  const file = path.join(folder, `doctor.${randomBytes(8).toString('hex')}.tmp`)
  try {
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile('doctor').finally(() => handle.close())
    return null
  } catch (error) {
    return codeOf(error)
  } finally {
    await rm(file, { force: true }).catch(() => undefined)
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'UNKNOWN'
}
