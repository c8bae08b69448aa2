import type { Activation } from './activation'
import { type Counter, type Decided, type EntityChange, insert, type Revocation, rely, replace } from './decision'
import type { License } from './license'

/**
 * The counter of the highest stamp that a license token may carry, in Unix milliseconds. It is reserved ahead, so that one
 * write serves all tokens of some minutes, on however many servers, with whatever clocks. Who revokes takes it as the stamp
 * of the revocation, and leaves it as it is: no token of before is above that.
 */
export const STAMP_CEILING = 'stamp-ceiling'

/** How far above the time the ceiling is reserved. */
export const RESERVED_AHEAD_MS = 300_000

/** What the tokens of a license on a host were revoked by: their stamps lie above both floors. */
export interface Floors {
  readonly license: Pick<License, 'stampFloor'>
  readonly activation: Pick<Activation, 'stampFloor'>
}

/** The stamp of a license token given out at `now`: above what was revoked, and not below now. */
export function tokenStamp({ license, activation }: Floors, now: Date): number {
  return Math.max(now.getTime(), license.stampFloor + 1, activation.stampFloor + 1)
}

/** Finds the entries on the revocation list of the host that a slot is for, and of its keys. */
export type FindEntries = () => readonly Pick<Revocation, 'id' | 'stamp' | 'endsAt'>[]

/**
 * The floor of an activation that is new on its host: the host may have been freed before. Stamps are not below the time,
 * so that only a revocation of the last minutes can be above them. Only then it matters whether it was this host's.
 */
export function newFloor({ revokedStamp }: Pick<License, 'revokedStamp'>, findEntries: FindEntries, now: Date): number {
  if (revokedStamp <= now.getTime()) return revokedStamp
  return Math.max(0, ...findEntries().map(({ stamp }) => stamp))
}

/** What a step needs of the ceiling. */
export interface CeilingNeeds {
  /** True where tokens are revoked by it. */
  readonly isTaken: boolean
  /** How high it must be; undefined where it is high enough. */
  readonly reserved?: number | undefined
}

/**
 * The changes that keep the ceiling above all tokens. Who takes it as a stamp relies on it: another server may give out a
 * token above it meanwhile, but must raise it first, so that one of the two steps is decided again.
 */
export function holdCeiling(counter: Counter | null, { isTaken, reserved = 0 }: CeilingNeeds): readonly EntityChange[] {
  if (!isTaken && reserved === 0) return []
  if (counter === null) return [insert('counter', { name: STAMP_CEILING, value: reserved })]
  if (reserved > counter.value) return [replace('counter', counter, { ...counter, value: reserved })]
  return isTaken ? rely('counter', counter) : []
}

/** An outcome, with the stamp of the license token that its host is given where it has an activation. */
export type Stamped<O> = O extends { readonly activation: Activation } ? O & { readonly stamp: number } : O

/**
 * The decision, with the stamp of the token that it leads to. A stamp above the ceiling is reserved in the same step.
 * @param ceiling as it was when the decision's facts were read: whoever revokes later takes a stamp that is not below
 */
export function stampToken<O extends object>(decided: Decided<O>, ceiling: number, now: Date): Decided<Stamped<O>> {
  const { outcome, changes } = decided
  if (!isOfHost(outcome)) return decided as Decided<Stamped<O>>
  const stamp = tokenStamp(outcome, now)
  const stamped = { ...decided, outcome: { ...outcome, stamp } as unknown as Stamped<O> }
  if (stamp <= ceiling) return stamped
  // What changes nothing else must hold, too, when the ceiling is written.
  const relied = [...rely('license', outcome.license), ...rely('activation', outcome.activation)]
  // By the time and not by the stamp: it does not run away when one host comes and goes.
  const reserved = Math.max(now.getTime() + RESERVED_AHEAD_MS, stamp)
  return { ...stamped, reserved, changes: changes.length === 0 ? relied : changes }
}

function isOfHost(outcome: object): outcome is { readonly license: License; readonly activation: Activation } {
  return 'activation' in outcome
}
