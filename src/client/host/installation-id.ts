import { randomBytes } from 'node:crypto'
import { rename } from 'node:fs/promises'
import type { FileCalls } from '../../files/atomic-file'
import { createExclusively } from '../../files/exclusive-file'
import { retry } from '../../waiting/retry'
import { installationIdFile, readInstallationId } from './kept-installation-id'

const READ_TRIES = 10
const READ_PAUSE_MS = 20

/**
 * Returns the installation id, and makes it when there is none: 128 random bits, kept in the data folder. Of any number of
 * processes that start together, all return the id of the first one that wrote it.
 *
 * @returns undefined when the id cannot be kept: an id that changed at every start would use up activation slots
 */
export async function ensureInstallationId(dataDir: string, calls?: FileCalls): Promise<string | undefined> {
  const file = installationIdFile(dataDir)
  const create = () => createExclusively(file, `${randomBytes(16).toString('hex')}\n`, { calls })
  try {
    const kept = (await create()) ? await readInstallationId(dataDir) : await readPatiently(dataDir)
    if (kept !== undefined) return kept
    // The file is damaged, and waiting does not help: it makes way for a new one.
    await rename(file, `${file}.bad`)
    await create()
    return await readPatiently(dataDir)
  } catch {
    return undefined
  }
}

/** On a disk without links, the first process may still be writing the file. */
async function readPatiently(dataDir: string): Promise<string | undefined> {
  return await retry(() => readInstallationId(dataDir), {
    afterValue: (kept, attempt) => (kept === undefined && attempt < READ_TRIES ? READ_PAUSE_MS : undefined),
  })
}
