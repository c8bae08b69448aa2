import { type Activation, type Release, refuseRelease, surrenderActivation } from './activation'
import { type Decided, only, remove, replace } from './decision'
import type { License } from './license'
import { tokensOf } from './revoke'

export type ReleaseOutcome =
  | { readonly kind: 'released' | 'surrendered'; readonly license: License; readonly activation: Activation }
  | { readonly kind: 'not-active' | 'proof-required' | 'blocked' | 'gone' }

/**
 * Frees a host's slot. In this order: `blocked` when the license is blocked, while expiry and a disabled customer do not
 * matter; what `refuseRelease` says. With `surrender` the slot rests instead: it stays taken until its tokens have ended.
 */
export function decideRelease(
  license: License,
  activation: Activation | null,
  release: Release,
  now: Date,
): Decided<ReleaseOutcome> {
  if (license.blocked) return only({ kind: 'blocked' })
  const refusal = refuseRelease(activation, release)
  if (refusal !== undefined || activation === null) return only({ kind: refusal ?? 'not-active' })
  if (release.surrender !== true) {
    const freed = free(license, activation)
    return { ...freed, outcome: { kind: 'released', ...freed.outcome } }
  }
  const surrendered = surrenderActivation(activation, now)
  return {
    outcome: { kind: 'surrendered', license, activation: surrendered },
    changes: [replace('activation', activation, surrendered), replace('license', license, { ...license })],
    revoked: tokensOf(license, [activation]),
  }
}

export type ReleaseAllOutcome =
  | { readonly kind: 'released'; readonly license: License; readonly count: number }
  | { readonly kind: 'blocked' | 'gone' }

/** Frees every slot, resting ones too. */
export function decideReleaseAll(license: License, activations: readonly Activation[]): Decided<ReleaseAllOutcome> {
  if (license.blocked) return only({ kind: 'blocked' })
  const counted = { ...license, activationCount: 0 }
  return {
    outcome: { kind: 'released', license: counted, count: activations.length },
    changes: [
      replace('license', license, counted),
      ...activations.map((activation) => remove('activation', activation)),
    ],
    revoked: tokensOf(license, activations),
  }
}

/** Frees one slot, whatever the state of its license. */
export function free(
  license: License,
  activation: Activation,
): Decided<{ readonly license: License; readonly activation: Activation }> {
  const counted = { ...license, activationCount: license.activationCount - 1 }
  return {
    outcome: { license: counted, activation },
    changes: [replace('license', license, counted), remove('activation', activation)],
    revoked: tokensOf(license, [activation]),
  }
}
