import type { Activation } from './activation'
import { type Counter, type Decided, type EntityChange, insert, rely, replace } from './decision'
import type { License } from './license'

/**
 * The counter of the highest stamp that a license token may carry, in Unix milliseconds. It is reserved ahead, so that one
 * write serves all tokens of some minutes, on however many servers, with whatever clocks. Who revokes takes it as the stamp
 * of the revocation: no token of before is above that.
 */
export const STAMP_CEILING = 'stamp-ceiling'

/** How far above a stamp the ceiling is reserved. */
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

/**
 * The floor of an activation that is new on its host. The host may have been freed before, and whatever has revoked its
 * tokens then is below the ceiling.
 */
export function newFloor(ceiling: number): number {
  return Math.max(0, ceiling - 1)
}

/** What is above the stamps of all revocations and tokens of a step. */
export interface Stamps {
  /** The stamps of revocations. New tokens must find room above them. */
  readonly revoked: readonly number[]
  /** The stamp of a token that is given out; undefined where none is, or it is known to be below the ceiling. */
  readonly given?: number | undefined
}

/** Raises the ceiling where a step needs it higher. */
export function raiseCeiling(counter: Counter | null, { revoked, given }: Stamps): readonly EntityChange[] {
  const before = counter?.value ?? 0
  const above = Math.max(before, ...revoked.map((stamp) => stamp + 1))
  const value = given === undefined || given <= above ? above : given + RESERVED_AHEAD_MS
  if (value === before) return []
  const raised = { name: STAMP_CEILING, value }
  return [counter === null ? insert('counter', raised) : replace('counter', counter, raised)]
}

/** An outcome, with the stamp of the license token that its host is given where it has an activation. */
export type Stamped<O> = O extends { readonly activation: Activation } ? O & { readonly stamp: number } : O

/**
 * The decision, with the stamp of the token that it leads to. A stamp above the ceiling is reserved in the same step.
 * @param ceiling as it was when the decision's facts were read: whoever revokes later takes a stamp that is not below
 */
export function stampToken<O extends object>(decided: Decided<O>, ceiling: number, now: Date): Decided<Stamped<O>> {
  const { outcome, changes, revoked = [] } = decided
  if (!isOfHost(outcome)) return decided as Decided<Stamped<O>>
  const stamp = tokenStamp(outcome, now)
  const stamped = { ...decided, outcome: { ...outcome, stamp } as unknown as Stamped<O> }
  if (stamp <= Math.max(ceiling, ...revoked.map((one) => one.stamp + 1))) return stamped
  // What changes nothing else must hold, too, when the ceiling is written.
  const relied = [...rely('license', outcome.license), ...rely('activation', outcome.activation)]
  return { ...stamped, stamped: stamp, changes: changes.length === 0 ? relied : changes }
}

function isOfHost(outcome: object): outcome is { readonly license: License; readonly activation: Activation } {
  return 'activation' in outcome
}
