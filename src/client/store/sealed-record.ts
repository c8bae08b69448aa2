import { isRecord } from '../words/claims'
import { parseJson, VERSION } from './cache-record'
import type { SecretStore } from './secret-store'

/** A person may have to answer the key store's question first; nobody may have to wait for ever. */
const TIMEOUT_MS = 5_000

/** The cache file's text in sealed form; as it is where the app's secret store does not work. */
export async function seal(text: string, store: SecretStore): Promise<string> {
  const sealed = await withinTime(async () => await store.encrypt(text))
  if (typeof sealed !== 'string' && !(sealed instanceof Uint8Array)) return text
  return `${JSON.stringify({ version: VERSION, sealed: Buffer.from(sealed).toString('base64') }, null, 2)}\n`
}

/** @returns what `seal` was given; undefined where the app's secret store does not open it */
export async function unseal(text: string, store: SecretStore): Promise<string | undefined> {
  const content = parseJson(text)
  if (!isRecord(content) || typeof content.sealed !== 'string') return undefined
  const sealed = Buffer.from(content.sealed, 'base64')
  const opened = await withinTime(async () => await store.decrypt(sealed))
  return typeof opened === 'string' ? opened : undefined
}

async function withinTime<T>(work: () => Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, TIMEOUT_MS, undefined)
  })
  return await Promise.race([work().catch(() => undefined), timeout]).finally(() => clearTimeout(timer))
}
