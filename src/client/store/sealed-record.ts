import { isRecord, parseJson } from '../../protocol/json'
import { withTimeout } from '../../waiting/with-timeout'
import { isRecovery, type Recovery, VERSION } from './cache-record'
import type { SecretStore } from './secret-store'

/** A person may have to answer a question of the key store first. Nobody has to wait for ever. */
const TIMEOUT_MS = 5_000

/** Seals the text of the cache file. Returns the text as it is when the app's secret store does not work. */
export async function seal(text: string, store: SecretStore): Promise<string> {
  const sealed = await encrypt(text, store)
  return sealed === undefined ? text : `${JSON.stringify({ version: VERSION, sealed }, null, 2)}\n`
}

/**
 * Opens a sealed text.
 * @returns the text that `seal` was given; undefined when the app's secret store does not open it
 */
export async function unseal(text: string, store: SecretStore): Promise<string | undefined> {
  const content = parseJson(text)
  if (!isRecord(content) || typeof content.sealed !== 'string') return undefined
  return await decrypt(content.sealed, store)
}

/** Seals what a refusal keeps; undefined when the app's secret store does not work. */
export async function sealRecovery(recovery: Recovery, store: SecretStore): Promise<string | undefined> {
  return await encrypt(JSON.stringify(recovery), store)
}

/** Opens what {@link sealRecovery} has sealed; undefined when the app's secret store does not open it. */
export async function openRecovery(text: string, store: SecretStore): Promise<Recovery | undefined> {
  const recovery = parseJson((await decrypt(text, store)) ?? '')
  return isRecovery(recovery) ? recovery : undefined
}

/** As base64. */
async function encrypt(text: string, store: SecretStore): Promise<string | undefined> {
  const sealed = await withinTime(async () => await store.encrypt(text))
  return typeof sealed === 'string' || sealed instanceof Uint8Array ? Buffer.from(sealed).toString('base64') : undefined
}

async function decrypt(base64: string, store: SecretStore): Promise<string | undefined> {
  const opened = await withinTime(async () => await store.decrypt(Buffer.from(base64, 'base64')))
  return typeof opened === 'string' ? opened : undefined
}

/** Undefined when the secret store fails or takes too long. */
async function withinTime<T>(work: () => Promise<T>): Promise<T | undefined> {
  return await withTimeout(work, TIMEOUT_MS).catch(() => undefined)
}
