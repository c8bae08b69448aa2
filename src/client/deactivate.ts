import { type CachedActivation, NOTHING } from './cache-record'
import type { TokenCache } from './token-cache'
import { isFree, isSafeEndpoint, type TicketStore, type UninstallTicket } from './uninstall-ticket'

/** What came of giving up this host's activation. */
export interface DeactivateResult {
  /**
   * - `freed`: the server has freed the slot.
   * - `already-free`: the server knows no activation of this host, or no such license.
   * - `queued-offline`: the server could not be reached, or would not free the slot now (a blocked license, a refused
   *   access token); a ticket is kept, which a later `activate()`, `refresh()` or `deactivate()` delivers.
   * - `not-activated`: there was nothing to give up.
   */
  readonly outcome: 'freed' | 'already-free' | 'queued-offline' | 'not-activated'
  /** False when a ticket was due but could not be written: then only the server's own expiry frees the slot. */
  readonly persisted: boolean
}

/** The parts both `deactivate()` and `runUninstall()` need. */
export interface SlotReleaser {
  readonly cache: TokenCache
  readonly tickets: TicketStore
  readonly randomId: () => string
}

export const NOTHING_TO_FREE: DeactivateResult = { outcome: 'not-activated', persisted: true }

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
  const { serverUrl, accessToken, allowPlainHttp, productId, licenseKey, hostId } = activation
  return { serverUrl, accessToken, allowPlainHttp, productId, licenseKey, hostId, idempotencyKey }
}
