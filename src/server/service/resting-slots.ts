import { type Activation, type Release, refuseRelease } from '../../domain/activation'
import type { License } from '../../domain/license'
import type { ActivationTarget } from '../../storage/verbs/store'
import { trySpend } from './allowances'
import type { Call, ServiceContext } from './context'

/** A license's activations are looked through up to this many. */
export const MAX_DEVICES = 1000

/**
 * How a host gives up its slot. A slot that is given up too often, while its tokens are still of use, rests.
 * @see SeatRules.moves
 */
export async function planRelease(
  context: ServiceContext,
  call: Call,
  target: ActivationTarget & { readonly hostId: string },
  now: Date,
): Promise<Release> {
  const { proof } = call
  if (context.seats.moves === null || proof.trusted === true) return proof
  const found = await context.store.findActivation(call.accountId, target)
  if (found.kind !== 'found' || found.activation === null) return proof
  // What the step refuses costs nothing.
  if (found.license.blocked || refuseRelease(found.activation, proof) !== undefined) return proof
  return (await maySlotChange(context, call, found.license, found.activation, now))
    ? proof
    : { ...proof, surrender: true }
}

/**
 * Whether a host's slot may be free for another at once; true where its tokens are of no more use, or nobody can be short
 * of a slot. Otherwise that is spent of the license's allowance.
 */
export async function maySlotChange(
  context: ServiceContext,
  call: Call,
  license: License,
  activation: Activation,
  now: Date,
): Promise<boolean> {
  const { moves } = context.seats
  if (moves === null || license.maxActivations === null || activation.tokensEndAt <= now) return true
  return trySpend(context, call, { licenseId: license.id, allowance: moves, unit: activation.jti }, now)
}

/** Frees the slots that have rested until their tokens ended. Returns how many. */
export async function freeRested(context: ServiceContext, call: Call, license: License, now: Date): Promise<number> {
  const { store } = context
  const { items } = await store.listActivations(call.accountId, license.id, { limit: MAX_DEVICES })
  const ended = { lastSeenBy: now, tokensEndedBy: now }
  let freed = 0
  for (const { hostId, surrenderedAt, tokensEndAt } of items) {
    if (surrenderedAt === null || tokensEndAt > now) continue
    const host = { licenseId: license.id, hostId }
    // No event: that its host gave it up has been told.
    const outcome = await store.releaseUnseen(call.accountId, host, ended, { now })
    if (outcome.kind === 'released') freed += 1
  }
  return freed
}
