import path from 'node:path'
import { createExclusively } from '../../files/exclusive-file'
import { parseJson } from '../../protocol/json'
import { readSmallFile } from '../files/read-small-file'
import { isProofKey, type ProofKey } from '../trust/proof-key'
import { createProofKey } from '../wire/proof'

const FILE = 'seat-key.json'

/**
 * The key that this host's seats are bound to: nobody who merely knows license key and hostId checks them out. It is kept in the
 * data folder, for an app that is started anew after a crash takes its own seat again.
 *
 * @returns undefined where it cannot be kept: such a seat is bound to no key
 */
export async function ensureSeatKey(dataDir: string | undefined): Promise<ProofKey | undefined> {
  if (dataDir === undefined) return undefined
  const file = path.join(dataDir, FILE)
  try {
    const kept = await read(file)
    if (kept !== undefined) return kept
    await createExclusively(file, JSON.stringify(createProofKey()))
    return await read(file)
  } catch {
    return undefined
  }
}

async function read(file: string): Promise<ProofKey | undefined> {
  const kept = parseJson(await readSmallFile(file).catch(() => ''))
  return isProofKey(kept) ? { x: kept.x, d: kept.d } : undefined
}
