import { rename } from 'node:fs/promises'
import { createExclusively } from '../../files/exclusive-file'
import { isRecord, parseJson } from '../../protocol/json'
import { retry } from '../../waiting/retry'
import { readSmallFileIfAny } from '../files/read-small-file'
import { isProofKey, type ProofKey } from '../trust/proof-key'
import { createProofKey } from '../wire/proof'
import { asideName, keptKeyFile } from './kept-key-file'
import type { SecretStore } from './secret-store'

const VERSION = 1
const READ_TRIES = 10
const READ_PAUSE_MS = 20

/**
 * The key that this folder's host shows when it activates, made when there is none. Of any number of processes that start
 * together, all return the key of the first one that wrote it, so that the server binds one key.
 *
 * @param secretStore seals the key in the file, if it works
 * @returns undefined when the key cannot be kept: one that changed at every start would be another user each time
 */
export async function ensureKeptKey(
  dataDir: string | undefined,
  secretStore: SecretStore | undefined,
): Promise<ProofKey | undefined> {
  if (dataDir === undefined) return undefined
  const file = keptKeyFile(dataDir)
  const read = () => readKey(file, secretStore)
  const create = async () => await createExclusively(file, await textOf(createProofKey(), secretStore))
  try {
    const kept = (await read()) ?? ((await create()) ? await read() : await readPatiently(read))
    if (kept !== undefined) return kept
    // The file is damaged, or the secret store does not open it: it makes way for a new one.
    await rename(file, asideName(file))
    await create()
    return await readPatiently(read)
  } catch {
    return undefined
  }
}

/** On a disk without links, the first process may still be writing the file. */
async function readPatiently(read: () => Promise<ProofKey | undefined>): Promise<ProofKey | undefined> {
  return await retry(read, {
    afterValue: (kept, attempt) => (kept === undefined && attempt < READ_TRIES ? READ_PAUSE_MS : undefined),
  })
}

async function textOf(key: ProofKey, secretStore: SecretStore | undefined): Promise<string> {
  const text = `${JSON.stringify({ version: VERSION, proofKey: key }, null, 2)}\n`
  return secretStore === undefined ? text : await (await import('./sealed-record')).seal(text, secretStore)
}

async function readKey(file: string, secretStore: SecretStore | undefined): Promise<ProofKey | undefined> {
  const text = await readSmallFileIfAny(file)
  const content = parseJson(text)
  if (!isRecord(content)) return undefined
  const isSealed = typeof content.sealed === 'string' && secretStore !== undefined
  const opened = isSealed ? await (await import('./sealed-record')).unseal(text, secretStore) : text
  const inside = parseJson(opened ?? '')
  return isRecord(inside) && isProofKey(inside.proofKey) ? { x: inside.proofKey.x, d: inside.proofKey.d } : undefined
}
