import { createHash } from 'node:crypto'
import { type Activation, takeoverOf } from './activation'
import type { Charge } from './allowance'
import { usersOf } from './host-keys'
import { findUser, isKeyOf } from './host-user'
import { networkOf } from './network'
import type { SlotRequest } from './slot-request'

/** How many keys of one host are bound from one network in the time, where that costs anything. */
const LIMIT = 20
const PERIOD_MS = 600_000

/**
 * What it costs to bind another key to a host: nothing for one that it had before, or for a further user as long as it may have
 * more. A lost key that is succeeded, and one user too many, count by host and network, so that nobody who merely knows license
 * key and hostId fills the store, or keeps the host's own users from it.
 */
export function chargesForRebinding(
  held: Activation,
  claim: SlotRequest,
  usersPerHost: number | undefined,
  now: Date,
): readonly Charge[] {
  const { proofKey = null, rules, trusted } = claim
  if (rules === undefined || trusted === true || proofKey === null) return []
  if (takeoverOf(held, claim, now) !== 'rebound') return []
  const user = findUser(held.keys, claim)
  const isFree = user === undefined ? usersOf(held, now).length < (usersPerHost ?? Infinity) : isKeyOf(user, proofKey)
  if (isFree) return []
  return [{ allowance: { name: nameOf(claim), limit: LIMIT, periodMs: PERIOD_MS }, unit: proofKey }]
}

/** So many networks of a host are told apart: each has a row of its own. */
function nameOf({ hostId, address }: SlotRequest): string {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex')
  return `rebinds ${digest(hostId).slice(0, 24)} ${digest(networkOf(address)).slice(0, 2)}`
}
