import { type Activation, refuseRelease, surrenderActivation } from './activation'
import { chargeLicense, type FindSpendings, type Paid, type RateLimited } from './charge-license'
import { type Decided, forNow, only, remove, replace } from './decision'
import type { License } from './license'
import { findDevice } from './license-device'
import type { Product } from './product'
import type { Proof } from './proof'
import { chargeForChange } from './resting-slot'
import { tokensOf } from './revoke'
import type { SeatRules } from './seat-rules'

export type ReleaseOutcome =
  | { readonly kind: 'released' | 'surrendered'; readonly license: License; readonly activation: Activation }
  | { readonly kind: 'not-active' | 'proof-required' | 'blocked' | 'gone' }

/** How a slot is given up: by whom, and by which rules. */
export interface Release extends Proof {
  /** Default: the slot is free at once. */
  readonly rules?: Pick<SeatRules, 'moves'> | undefined
}

/** What giving up a slot is decided on. */
export interface ReleaseFacts {
  readonly license: License
  readonly activation: Activation | null
  readonly findSpendings: FindSpendings
}

/**
 * Frees a host's slot. In this order: `blocked` when the license is blocked, while expiry and a disabled customer do not
 * matter; what `refuseRelease` says; `released`, or `surrendered` where a change of hands cannot be paid for: the slot stays
 * taken then until its tokens have ended.
 */
export function decideRelease(
  { license, activation, findSpendings }: ReleaseFacts,
  release: Release,
  now: Date,
): Decided<ReleaseOutcome> {
  if (license.blocked) return only({ kind: 'blocked' })
  const refusal = refuseRelease(activation, release)
  if (refusal !== undefined || activation === null) return only({ kind: refusal ?? 'not-active' })
  const { rules, trusted } = release
  const change = rules && trusted !== true ? chargeForChange(rules.moves, license, activation, now) : undefined
  const paid = chargeLicense(license, findSpendings, change === undefined ? [] : [change], now)
  return paid.kind === 'paid' ? freeFor(paid, license, activation) : surrender(license, activation, now)
}

/** What freeing a device is decided on. */
export interface DeviceFacts extends Omit<ReleaseFacts, 'activation'> {
  readonly product: Product
  /** The license's activations, the newest first. */
  readonly devices: readonly Activation[]
}

/** How a device is freed for whoever has the license key. */
export interface DeviceRelease extends Proof {
  /** The id of its activation. */
  readonly device: string
  /** Default: devices are freed as often as comes, and their slots at once. */
  readonly rules?: Pick<SeatRules, 'moves' | 'frees'> | undefined
}

export type DeviceOutcome = ReleaseOutcome | RateLimited | { readonly kind: 'no-self-service' }

/**
 * Frees the slot of a device, its host not asked. In this order: `no-self-service`; `blocked`; `not-active` where there is no
 * such device; `rate-limited` where too many were freed; else as `decideRelease` does.
 */
export function decideFreeDevice(facts: DeviceFacts, request: DeviceRelease, now: Date): Decided<DeviceOutcome> {
  const { license, product, devices, findSpendings } = facts
  const named = findDevice(devices, request.device, product, request)
  if ('kind' in named && named.kind === 'no-self-service') return forNow({ kind: 'no-self-service' as const })
  if (license.blocked) return only({ kind: 'blocked' })
  if ('kind' in named) return only({ kind: 'not-active' })
  const { rules, trusted } = request
  const charges = rules === undefined || trusted === true ? [] : [{ allowance: rules.frees, unit: named.jti }]
  const freeing = chargeLicense(license, findSpendings, charges, now)
  if (freeing.kind === 'rate-limited') return forNow(freeing)
  // The license key stands for the device's own.
  const release = { proofKey: named.proofKey, rules, ...(trusted && { trusted }) }
  const released = decideRelease({ license, activation: named, findSpendings }, release, now)
  return { ...released, changes: [...released.changes, ...freeing.changes], told: { hostId: named.hostId } }
}

function freeFor(paid: Paid, license: License, activation: Activation): Decided<ReleaseOutcome> {
  const { outcome, changes, ...freed } = free(license, activation)
  return { ...freed, outcome: { kind: 'released', ...outcome }, changes: [...changes, ...paid.changes] }
}

function surrender(license: License, activation: Activation, now: Date): Decided<ReleaseOutcome> {
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
