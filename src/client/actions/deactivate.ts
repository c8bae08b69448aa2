import type { KitContext } from '../kit-context'
import { NOTHING } from '../store/cache-record'
import { assertKnown } from '../words/assert-known'
import {
  type DeactivateOptions,
  type DeactivateResult,
  NOTHING_TO_FREE,
  queuedOffline,
} from '../words/deactivate-result'
import type { Online } from './online'

/**
 * `deactivate()` itself: gives up this host's activation within `deactivateTimeoutMs`, and clears the stored license in any
 * case. `release-slot.ts` frees the slot. An activation of another host, from a copied folder, is only cleared.
 *
 * The code that frees the slot may be gone: an update or an uninstaller may have removed the app's files while the app runs.
 * The stored license is then cleared all the same, and the server's own expiry frees the slot.
 *
 * @param online loads the part of the kit that talks to the server
 */
export async function deactivate(
  context: KitContext,
  online: () => Promise<Online>,
  options: DeactivateOptions = {},
): Promise<DeactivateResult> {
  assertKnown(options, { forAll: true })
  const startedAt = performance.now()
  const { state } = await context.cache.read()
  const activation = state.kind === 'activation' ? state.activation : undefined
  const ours = activation !== undefined && (await isOurs(context, activation.hostId))
  const server = await online().catch(() => undefined)
  if (server === undefined) {
    const persisted = await context.cache.update(() => NOTHING)
    return ours ? queuedOffline(false) : { ...NOTHING_TO_FREE, persisted }
  }
  const totalTimeoutMs = Math.max(1, context.config.deactivateTimeoutMs - (performance.now() - startedAt))
  return await server.release(ours ? activation : undefined, totalTimeoutMs, options)
}

/** Without an id of its own, a host believes the cache: a slot that is freed by mistake is better than one that is lost. */
async function isOurs(context: KitContext, hostId: string): Promise<boolean> {
  const own = await context.hostId().catch(() => undefined)
  return own === undefined || own.hostId === hostId
}
