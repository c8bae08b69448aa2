import type { KitContext } from '../kit-context'
import { isSafeEndpoint } from '../words/server-url'
import { heldClaims } from './held-claims'

/**
 * Where the server is now: at the address that the app names, unless the vendor has stated that it moved from there. An answer
 * that was verified at the new address confirms it: the address is then stored with the license, and holds as long as the
 * license token from there is genuine, even where the key is revoked that signed the statement.
 */
export async function serverAddress(context: KitContext): Promise<string> {
  const { cache, config } = context
  const statements = await context.statements().catch(() => undefined)
  const stated = await statements?.movedFrom(config.serverUrl)
  if (stated !== undefined) return stated
  const { state } = await cache.read()
  if (state.kind !== 'activation' || state.activation.movedFrom !== config.serverUrl) return config.serverUrl
  const { serverUrl } = state.activation
  const isConfirmed = isSafeEndpoint(serverUrl, false) && (await heldClaims(context)) !== undefined
  return isConfirmed ? serverUrl : config.serverUrl
}
