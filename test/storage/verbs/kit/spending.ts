import { randomUUID } from 'node:crypto'
import type { Allowance } from '../../../../src/domain/allowance'
import type { SeatRules } from '../../../../src/domain/seat-rules'
import type { ActivationTarget, Store } from '../../../../src/storage/verbs/store'
import { newActivation } from './entities'

/** What came of a charge. */
export type Spent =
  | { readonly kind: 'spent' }
  | { readonly kind: 'exhausted'; readonly retryAt: Date }
  | { readonly kind: 'gone' }

/** Rules that let nothing be charged but what takes a slot. */
export function chargingSlots(activations: Allowance): SeatRules {
  const endless = { limit: Number.MAX_SAFE_INTEGER, periodMs: 1 }
  return { moves: null, activations, usersPerHost: 32, frees: { ...endless, name: 'frees' } }
}

/** Rules by which no slot is free at once that anybody could be short of. */
export const RESTING = { moves: { name: 'no moves', limit: 0, periodMs: 1_000 } }

/** Charges a license for another host that takes a slot, and has the vendor free that slot again. */
export async function spendOn(
  storage: Store,
  accountId: string,
  target: ActivationTarget,
  allowance: Allowance,
  unit: string,
  now: Date,
): Promise<Spent> {
  const hostId = randomUUID()
  const asked = { ...newActivation(hostId), rules: chargingSlots(allowance), unit }
  const outcome = await storage.claimActivation(accountId, target, asked, { now })
  if (outcome.kind === 'rate-limited') return { kind: 'exhausted', retryAt: outcome.retryAt }
  if (outcome.kind === 'gone') return { kind: 'gone' }
  if (outcome.kind !== 'created') throw new Error(`a charge came to ${outcome.kind}`)
  await storage.releaseActivation(accountId, { ...target, hostId, trusted: true }, { now })
  return { kind: 'spent' }
}

/** Rules by which slots are free at once, and a host may have so many users. */
export function sharedBy(usersPerHost: number): SeatRules {
  const endless = { limit: 1_000_000, periodMs: 1 }
  return { moves: { ...endless, name: 'moves' }, activations: null, usersPerHost, frees: { ...endless, name: 'frees' } }
}

/** Rules by which a host may have as many users as are remembered. */
export const SHARED = sharedBy(32)
