import { type CachedActivation, NOTHING } from '../store/cache-record'
import { forgetKeptKey } from '../store/kept-key-file'
import type { TokenCache } from '../store/license-on-disk'
import { isDone, type TicketStore, type UninstallTicket } from '../store/uninstall-ticket'
import {
  type DeactivateOptions,
  type DeactivateResult,
  NOTHING_TO_FREE,
  queuedOffline,
} from '../words/deactivate-result'
import { deliveredResult } from '../words/delivered-result'
import { isSafeEndpoint } from '../words/server-url'

/** The parts that both `deactivate()` and `runUninstall()` need. */
export interface SlotReleaser {
  readonly dataDir: string | undefined
  readonly cache: TokenCache
  readonly tickets: TicketStore
  readonly randomId: () => string
}

/** This much of the time allowed is kept for writing files. */
const FILES_MS = 200

/**
 * Frees the slot of an activation: writes a ticket, clears the cache, then asks the server. In that order, nothing is lost
 * when the process is killed while it waits for the network. Without an activation, earlier tickets get another try.
 *
 * When the ticket cannot be written, on a full disk for example, the server is asked all the same. `persisted` in the
 * result is then false only when the server does not free the slot either; and always where the stored license could not be
 * removed.
 *
 * @param activation the activation in the cache; undefined when there is none
 * @param totalTimeoutMs bounds everything, files and network
 */
export async function releaseSlot(
  { dataDir, cache, tickets, randomId }: SlotReleaser,
  activation: CachedActivation | undefined,
  totalTimeoutMs: number,
  { forAll }: DeactivateOptions,
): Promise<DeactivateResult> {
  const deadline = performance.now() + totalTimeoutMs - Math.min(FILES_MS, totalTimeoutMs / 4)
  if (activation === undefined) {
    const persisted = await cache.update(() => NOTHING)
    await forgetKeptKey(dataDir)
    await tickets.deliver({ totalTimeoutMs: deadline - performance.now() })
    return { ...NOTHING_TO_FREE, persisted }
  }
  const ticket = { ...ticketFor(activation, randomId()), ...(forAll === true && { forAll }) }
  const kept = await tickets.keep(ticket)
  const removed = await cache.update(() => NOTHING)
  const isSafe = isSafeEndpoint(ticket.serverUrl, ticket.allowPlainHttp)
  const { delivery, releaseAt } = isSafe
    ? await tickets.deliverOne(ticket, Math.max(1, deadline - performance.now()))
    : NOT_DELIVERED
  // Where the slot goes on without its user, the key is who they are when they come back. Else the ticket holds it.
  if (delivery !== 'kept-by-others' && delivery !== 'release-pending') await forgetKeptKey(dataDir)
  return isDone(delivery) ? deliveredResult(delivery, removed, releaseAt) : queuedOffline(kept && removed)
}

const NOT_DELIVERED = { delivery: 'unanswered', releaseAt: null } as const

function ticketFor(activation: CachedActivation, idempotencyKey: string): UninstallTicket {
  const { serverUrl, accessToken, allowPlainHttp, productId, licenseKey, hostId, proofKey } = activation
  return { serverUrl, accessToken, allowPlainHttp, productId, licenseKey, hostId, proofKey, idempotencyKey }
}
