import { type Activation, dropKey, refuseRelease, surrenderActivation } from './activation'
import { chargeLicense, type FindSpendings, type RateLimited } from './charge-license'
import type { Customer } from './customer'
import { decideDrop } from './decide-drop'
import { type Decided, forNow, only, remove, replace } from './decision'
import { endRights, noteDisplaced } from './displaced'
import { mayChangeFrom, otherUsers, shownKey, takesKeyless } from './host-keys'
import { changedAt, type License } from './license'
import { findDevice } from './license-device'
import type { Product } from './product'
import type { Proof } from './proof'
import { lacksProof } from './refuse-claim'
import { chargeForChange, chargeForFreeing } from './resting-slot'
import {
  isScarce,
  leaveUnlisted,
  MAX_LIVE_ENTRIES,
  noteRevoked,
  raiseFloor,
  revokeActivation,
  revokeLicense,
} from './revoke'
import type { SeatRules } from './seat-rules'

export type ReleaseOutcome =
  | {
      /**
       * `kept`: the host's other users go on, and the one who asked is its user no more. `pending`: the same, and the slot is
       * free at its `releaseAt` unless an older user calls before. `dropped`: the user whom the vendor named is none any more.
       */
      readonly kind: 'released' | 'surrendered' | 'kept' | 'pending' | 'dropped'
      readonly license: License
      readonly activation: Activation
    }
  | { readonly kind: 'not-active' | 'proof-required' | 'blocked' | 'gone' | 'not-covered' }
  /** Of a user whom the vendor drops. */
  | { readonly kind: 'dropped-before' | 'ambiguous-key' }

/** How a slot is given up: by whom, and by which rules. */
export interface Release extends Proof {
  /** Default: the slot is free at once. */
  readonly rules?: Pick<SeatRules, 'moves'> | undefined
  /** Set where another than its host gives it up. */
  readonly byOther?: true
  /** Set where the host's other users are to lose it too. */
  readonly forAll?: true | undefined
  /** Set where the vendor drops one user of the host, and the slot stays: how the thumbprint of a key of theirs begins. */
  readonly drops?: string | undefined
}

/** What giving up a slot is decided on. */
export interface ReleaseFacts {
  readonly license: License
  readonly customer: Customer | null
  readonly activation: Activation | null
  readonly findSpendings: FindSpendings
  /** The ceiling of stamps. */
  readonly ceiling: number
  /** Counts the license's live entries on the revocation list, up to `MAX_LIVE_ENTRIES`. */
  readonly countEntries: () => number
}

/**
 * Frees a host's slot. In this order: `blocked` when the license is blocked, while expiry and a disabled customer do not
 * matter; what `refuseRelease` says; `pending` where a younger user asks, and `kept` where the host has other users, unless the
 * oldest asks for all; `released`, or `surrendered` where a change of hands cannot be paid for, or the license
 * has as many entries on the revocation list as it may: the slot stays taken then until its tokens have ended. A host that
 * frees itself where nobody gains a slot by it makes no entry.
 */
export function decideRelease(facts: ReleaseFacts, release: Release, now: Date): Decided<ReleaseOutcome> {
  const { license, activation, findSpendings, ceiling } = facts
  if (license.blocked) return only({ kind: 'blocked' })
  const refusal = release.byOther === true && activation !== null ? undefined : refuseRelease(activation, release, now)
  if (refusal !== undefined || activation === null) return only({ kind: refusal ?? 'not-active' })
  if (release.drops !== undefined && release.trusted === true) {
    return endingRights(facts, decideDrop(license, activation, release.drops, ceiling, now))
  }
  const left = leaveToOthers(activation, release, now, changedAt(license, facts.customer))
  if (left !== undefined) {
    const changes = [replace('activation', activation, left.activation), replace('license', license, { ...license })]
    return { outcome: { ...left, license }, changes }
  }
  const { rules, trusted } = release
  const change = rules && trusted !== true ? chargeForChange(rules.moves, license, activation, now) : undefined
  const paid = chargeLicense(license, findSpendings, change === undefined ? [] : [change], now)
  if (paid.kind === 'rate-limited') return surrender(license, activation, now)
  const isOwn = trusted !== true && release.byOther !== true
  const freed =
    isOwn && !isScarce(license)
      ? freeUnlisted(license, activation, now)
      : mayList(facts, activation, trusted, now) && free(license, activation, ceiling, now)
  if (freed === false) return surrender(license, activation, now)
  const { outcome, changes } = freed
  const released = {
    ...freed,
    outcome: { kind: 'released' as const, ...outcome },
    changes: [...changes, ...paid.changes],
  }
  return trusted === true ? endingRights(facts, released) : released
}

/** What was decided by the vendor. */
function endingRights<T>({ findSpendings }: ReleaseFacts, decided: Decided<T>): Decided<T> {
  return { ...decided, changes: [...decided.changes, ...endRights(findSpendings)] }
}

/** Where others have more, or as much, to say about the slot: what it is without the user who asks. Else undefined. */
function leaveToOthers(
  activation: Activation,
  { byOther, forAll, ...asks }: Release,
  now: Date,
  licenseChangedAt: Date,
) {
  if (asks.trusted === true || byOther === true) return undefined
  if (takesKeyless(activation, now) || shownKey(activation, asks, now) === undefined) return undefined
  // Those who have given it up themselves have nothing against it.
  const present = { ...activation, keys: activation.keys.filter(({ leftAt }) => leftAt === null) }
  const from = mayChangeFrom(present, asks, now, licenseChangedAt)
  if (from !== null && from > now) return { kind: 'pending' as const, activation: dropKey(activation, asks, from, now) }
  if (forAll === true || otherUsers(activation, asks, now).length === 0) return undefined
  return { kind: 'kept' as const, activation: dropKey(activation, asks, activation.releaseAt, now) }
}

function mayList({ countEntries }: ReleaseFacts, activation: Activation, trusted: true | undefined, now: Date) {
  return trusted === true || activation.tokensEndAt <= now || countEntries() < MAX_LIVE_ENTRIES
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
 * Frees the slot of a device, its host not asked. In this order: `no-self-service`; `proof-required`; `blocked`; `not-active`
 * where there is no such device; `rate-limited` where too many were freed; else as `decideRelease` does.
 */
export function decideFreeDevice(facts: DeviceFacts, request: DeviceRelease, now: Date): Decided<DeviceOutcome> {
  const { license, product, devices, findSpendings } = facts
  const named = findDevice(devices, request.device, product, request)
  if ('kind' in named && named.kind === 'no-self-service') return forNow({ kind: 'no-self-service' as const })
  if (lacksProof(product, null, request, now)) return forNow({ kind: 'proof-required' as const })
  if (license.blocked) return only({ kind: 'blocked' })
  if ('kind' in named) return only({ kind: 'not-active' })
  const { rules, trusted } = request
  const charges =
    rules === undefined || trusted === true ? [] : [chargeForFreeing(rules.frees, devices, named, request, now)]
  const freeing = chargeLicense(license, findSpendings, charges, now)
  if (freeing.kind === 'rate-limited') return forNow(freeing)
  // The license key stands for the device's own.
  const release = { rules, byOther: true as const, ...(trusted && { trusted }) }
  const released = decideRelease({ ...facts, activation: named }, release, now)
  const notes = rules === undefined ? [] : noteDisplaced(facts, { device: named }, request, now)
  const changes = [...released.changes, ...freeing.changes, ...notes]
  return { ...released, changes, told: { hostId: named.hostId } }
}

function surrender(license: License, activation: Activation, now: Date): Decided<ReleaseOutcome> {
  const surrendered = surrenderActivation(activation, now)
  return {
    outcome: { kind: 'surrendered', license, activation: surrendered },
    changes: [replace('activation', activation, surrendered), replace('license', license, { ...license })],
  }
}

export type ReleaseAllOutcome =
  | { readonly kind: 'released'; readonly license: License; readonly count: number }
  | { readonly kind: 'blocked' | 'gone' | 'not-covered' }

/** What a decision about a whole license knows of its tokens. */
export interface TokenFacts {
  /** When the last token of its activations ends; null where it has none. */
  readonly tokensEndAt: Date | null
  /** The ceiling of stamps. */
  readonly ceiling: number
}

/** Frees every slot, resting ones too. */
export function decideReleaseAll(
  license: License,
  { tokensEndAt, ceiling }: TokenFacts,
  now: Date,
): Decided<ReleaseAllOutcome> {
  if (license.blocked) return only({ kind: 'blocked' })
  const counted = { ...raiseFloor(license, ceiling), activationCount: 0 }
  return {
    outcome: { kind: 'released', license: counted, count: license.activationCount },
    changes: [replace('license', license, counted)],
    vacated: [{ license, of: ['activation'] }],
    revoked: revokeLicense(license, tokensEndAt, ceiling, now),
  }
}

/** Frees one slot, whatever the state of its license. */
export function free(
  license: License,
  activation: Activation,
  ceiling: number,
  now: Date,
): Decided<{ readonly license: License; readonly activation: Activation }> {
  const revoked = revokeActivation(license, activation, ceiling, now)
  const counted = { ...noteRevoked(license, revoked), activationCount: license.activationCount - 1 }
  return {
    outcome: { license: counted, activation },
    changes: [replace('license', license, counted), remove('activation', activation)],
    revoked,
  }
}

/** Frees one slot without an entry on the revocation list. */
function freeUnlisted(license: License, activation: Activation, now: Date): ReturnType<typeof free> {
  const counted = { ...leaveUnlisted(license, activation, now), activationCount: license.activationCount - 1 }
  return {
    outcome: { license: counted, activation },
    changes: [replace('license', license, counted), remove('activation', activation)],
  }
}
