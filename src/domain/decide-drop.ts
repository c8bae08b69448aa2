import type { Activation } from './activation'
import { type Decided, only, replace } from './decision'
import type { License } from './license'
import { noteRevoked, revokeKey } from './revoke'

export type DropOutcome =
  | { readonly kind: 'dropped'; readonly license: License; readonly activation: Activation }
  | { readonly kind: 'dropped-before' | 'ambiguous-key' | 'not-active' }

/**
 * Drops a user of a host for good: the tokens of each of the user's keys are revoked, and none of them is bound to the host
 * again. `not-active` where no user of the host has a key that begins so, `ambiguous-key` where several have.
 */
export function decideDrop(
  license: License,
  activation: Activation,
  key: string,
  ceiling: number,
  now: Date,
): Decided<DropOutcome> {
  const [user, another] = activation.keys.filter(({ thumbprint, recovery, former }) =>
    [thumbprint, recovery ?? '', ...former].some((one) => one.startsWith(key)),
  )
  if (user === undefined) return only({ kind: 'not-active' })
  if (another !== undefined) return only({ kind: 'ambiguous-key' })
  if (user.droppedAt !== null) return only({ kind: 'dropped-before' })
  const dropped = { ...user, leftAt: user.leftAt ?? now, droppedAt: now }
  const keys = [user.thumbprint, user.recovery, ...user.former].filter((one) => one !== null)
  const revoked = keys.flatMap((one) => revokeKey(license, activation, one, user.tokensEndAt, ceiling, now))
  const noted = noteRevoked(license, revoked)
  const left = { ...activation, keys: activation.keys.map((one) => (one === user ? dropped : one)) }
  return {
    outcome: { kind: 'dropped', license: noted, activation: left },
    changes: [replace('activation', activation, left), replace('license', license, noted)],
    revoked,
    told: { droppedKey: user.thumbprint },
  }
}
