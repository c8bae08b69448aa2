import type { KitContext } from '../kit-context'
import { download } from '../wire/download'
import { isSafeEndpoint } from '../words/server-url'
import { heldClaims } from './held-claims'

/** Downloads from where the server is now: the first of `serverAddresses`; see `download`. */
export async function downloadFromServer(
  context: KitContext,
  path: string,
  maxBytes: number,
  timeoutMs: number,
): Promise<string> {
  const [serverUrl = context.config.serverUrl] = await serverAddresses(context)
  return await download({ ...context.config, serverUrl }, path, maxBytes, timeoutMs)
}

/**
 * Where the server may be now, the likeliest first: at the address that the app names, unless the vendor has stated that it
 * moved from there. An answer that was verified at the new address confirms it: the address is then stored with the license,
 * and holds as long as the license token from there is genuine, even where the key is revoked that signed the statement.
 * Until then the address that was good before comes second, since a statement may name a wrong one.
 */
export async function serverAddresses(context: KitContext): Promise<readonly string[]> {
  const { config } = context
  const statements = await context.statements().catch(() => undefined)
  const stated = await statements?.movedFrom(config.serverUrl)
  const confirmed = await confirmedAddress(context)
  const known = confirmed ?? config.serverUrl
  // An app that is back at the address it names has left none behind.
  return stated === undefined || stated === known || stated === config.serverUrl ? [stated ?? known] : [stated, known]
}

async function confirmedAddress(context: KitContext): Promise<string | undefined> {
  const { state } = await context.cache.read()
  if (state.kind !== 'activation' || state.activation.movedFrom !== context.config.serverUrl) return undefined
  const { serverUrl } = state.activation
  return isSafeEndpoint(serverUrl, false) && (await heldClaims(context)) !== undefined ? serverUrl : undefined
}
