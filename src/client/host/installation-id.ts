import { randomBytes } from 'node:crypto'
import { rename } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FileCalls } from '../files/atomic-file'
import { createExclusively } from '../files/exclusive-file'
import { installationIdFile, readInstallationId } from './kept-installation-id'

/**
 * The installation id: 128 random bits, made once and kept in the data folder. Of any number of processes starting
 * together, all return the id of the first that wrote one.
 * @returns undefined when it cannot be kept: an id that changed at every start would eat activation slots
 */
export async function ensureInstallationId(dataDir: string, calls?: FileCalls): Promise<string | undefined> {
  const file = installationIdFile(dataDir)
  try {
    const created = await createExclusively(file, `${randomBytes(16).toString('hex')}\n`, calls)
    const kept = created ? await readInstallationId(dataDir) : await readPatiently(dataDir)
    if (kept !== undefined) return kept
    // Damaged beyond waiting: out of the way, and once more.
    await rename(file, `${file}.bad`)
    await createExclusively(file, `${randomBytes(16).toString('hex')}\n`, calls)
    return await readPatiently(dataDir)
  } catch {
    return undefined
  }
}

/** Where links do not work, the first writer may still be writing. */
async function readPatiently(dataDir: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const kept = await readInstallationId(dataDir)
    if (kept !== undefined) return kept
    await sleep(20)
  }
  return undefined
}
