import { randomBytes } from 'node:crypto'
import { readFile, rename } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createExclusively, type FileCalls } from './atomic-file'

const FILE = 'installation-id'
const PATTERN = /^[0-9a-f]{32}\n?$/

/** The kept installation id; undefined when there is none or it is damaged. */
export async function readInstallationId(dataDir: string): Promise<string | undefined> {
  const text = await readFile(path.join(dataDir, FILE), 'utf8').catch(() => '')
  return PATTERN.test(text) ? text.trim() : undefined
}

/**
 * The installation id: 128 random bits, made once and kept in the data folder. Of any number of processes starting
 * together, all return the id of the first that wrote one.
 * @returns undefined when it cannot be kept: an id that changed at every start would eat activation slots
 */
export async function ensureInstallationId(dataDir: string, calls?: FileCalls): Promise<string | undefined> {
  const file = path.join(dataDir, FILE)
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
