import { type CachedActivation, NOTHING } from '../store/cache-record'
import type { TokenCache } from '../store/token-cache'
import { isFree, isSafeEndpoint, type TicketStore, type UninstallTicket } from '../store/uninstall-ticket'
import { type DeactivateResult, NOTHING_TO_FREE } from '../words/deactivate-result'

/** The parts both `deactivate()` and `runUninstall()` need. */
export interface SlotReleaser {
  readonly cache: TokenCache
  readonly tickets: TicketStore
  readonly randomId: () => string
}

/** Kept back from the time allowed, for the files. */
const FILES_MS = 200

/**
 * Gives up the activation in the cache; where there is none, earlier tickets get another try. The ticket comes first
 * and the cache is cleared second, so that killing the process while it waits for the network loses nothing.
 */
export async function releaseSlot(
  { cache, tickets, randomId }: SlotReleaser,
  activation: CachedActivation | undefined,
  totalTimeoutMs: number,
): Promise<DeactivateResult> {
  const deadline = performance.now() + totalTimeoutMs - Math.min(FILES_MS, totalTimeoutMs / 4)
  if (activation === undefined) {
    await cache.update(() => NOTHING)
    await tickets.deliver({ totalTimeoutMs: deadline - performance.now() })
    return NOTHING_TO_FREE
  }
  const ticket = ticketFor(activation, randomId())
  const kept = await tickets.keep(ticket)
  await cache.update(() => NOTHING)
  if (!isSafeEndpoint(ticket.serverUrl, ticket.allowPlainHttp)) return { outcome: 'queued-offline', persisted: kept }
  const delivery = await tickets.deliverOne(ticket, Math.max(1, deadline - performance.now()))
  return isFree(delivery) ? { outcome: delivery, persisted: true } : { outcome: 'queued-offline', persisted: kept }
}

function ticketFor(activation: CachedActivation, idempotencyKey: string): UninstallTicket {
  const { serverUrl, accessToken, allowPlainHttp, productId, licenseKey, hostId, proofKey } = activation
  return { serverUrl, accessToken, allowPlainHttp, productId, licenseKey, hostId, proofKey, idempotencyKey }
}
