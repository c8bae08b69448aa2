import { writeSync } from 'node:fs'
import type { Store } from '../../../src/storage/verbs/store'
import { ACCOUNT, NOW, newActivation, newEvent, newIdempotency, newSession } from './kit/entities'
import { outcomeOf, tally } from './kit/outcomes'
import type { Report } from './worker-jobs'

/** What processes do to a store they share, whatever the database. */

/** Claims every license for every host, all at once. */
export async function claimAll(storage: Store, licenses: readonly string[], hosts: readonly string[]): Promise<Report> {
  const claims = licenses.flatMap((canonicalKey) =>
    hosts.map((host) => {
      const target = { canonicalKey, productId: 'prod_editor' }
      return storage.claimActivation(ACCOUNT.id, target, newActivation(host), { now: NOW })
    }),
  )
  return tally(await Promise.all(claims))
}

/** Claims a slot with an event and an idempotency key, and notes that it was acknowledged. */
export async function claimNoted(storage: Store, canonicalKey: string, hostId: string, notes: number): Promise<void> {
  const target = { canonicalKey, productId: 'prod_editor' }
  const events = { created: [newEvent(hostId, { type: 'license.activated' })] }
  const step = { now: NOW, events, idempotency: newIdempotency(hostId) }
  const { kind } = await storage.claimActivation(ACCOUNT.id, target, newActivation(hostId), step)
  if (kind === 'created') writeSync(notes, `${hostId}\n`)
}

/**
 * Lets clients use a seat one after the other as it comes free; tells who got one. Some give up until another time;
 * those whose name begins with `dies` keep theirs for ever.
 */
export async function useSeats(
  storage: Store,
  canonicalKey: string,
  clients: readonly string[],
  now: Date,
): Promise<Report> {
  const served = await Promise.all(clients.map((client) => useSeat(storage, canonicalKey, client, now)))
  return Object.fromEntries(clients.filter((_, index) => served[index]).map((client) => [client, 1]))
}

async function useSeat(storage: Store, canonicalKey: string, client: string, now: Date): Promise<boolean> {
  const target = { canonicalKey, productId: 'prod_editor' }
  for (let attempt = 0; attempt < 20; attempt++) {
    const outcome = await storage.claimSession(ACCOUNT.id, target, newSession(client), { now })
    if (outcome.kind === 'limit-reached') continue
    const { session } = outcomeOf(outcome, 'created')
    if (client.startsWith('dies')) return true
    const held = { ...target, sessionId: session.id }
    const nonces = { nonce: session.nonce, nextNonce: 'next' }
    outcomeOf(await storage.renewSession(ACCOUNT.id, held, nonces, { now }), 'renewed')
    outcomeOf(await storage.releaseSession(ACCOUNT.id, held, 'next', { now }), 'released')
    return true
  }
  return false
}
