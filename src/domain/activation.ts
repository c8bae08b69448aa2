import { CLOCK_TOLERANCE_SECONDS } from '../protocol/license-token'
import { addDuration, earliest, instantAt, latest } from './calendar'
import {
  type Binding,
  bindKey,
  cancelsRelease,
  isProven,
  type KeyedSlot,
  mayChange,
  newKey,
  ofVendor,
  seeKey,
  shownKey,
  teachesRecovery,
} from './host-keys'
import { isKeyOf } from './host-user'
import type { License } from './license'
import type { Product } from './product'
import type { Proof } from './proof'
import type { Sharing } from './sharing'

/** A license in use on a host; takes an activation slot. */
export interface Activation extends KeyedSlot {
  readonly id: string
  readonly licenseId: string
  readonly hostId: string
  readonly deviceTag: string | null
  /** The address the activation came from. */
  readonly address: string | null
  /** The app's version, as the app told it. */
  readonly appVersion: string | null
  /** Who uses it, as the app told it. */
  readonly licensee: Licensee | null
  /** What the `jti` of its license tokens begins with; see {@link tokenId}. */
  readonly jti: string
  /** Its license tokens lie above this stamp: that of the last revocation before it was its host's. */
  readonly stampFloor: number
  /** Until when a license token issued for it can still be of use somewhere: so long its revocation is published. */
  readonly tokensEndAt: Date
  readonly activatedAt: Date
  readonly lastSeenAt: Date
  /** When this host's own time runs out, for licenses with a duration per device; else null. */
  readonly expiresAt: Date | null
  /** Since when its host has given it up, while the slot still rests until `tokensEndAt`; null while it is in use. */
  readonly surrenderedAt: Date | null
  /** When the slot is free, because one of its younger users has given it up, unless an older one calls before; else null. */
  readonly releaseAt: Date | null
  /** What tells that keys of the host renew from different networks; null until one has renewed. */
  readonly sharing: Sharing | null
  /** The product whose app, made for AuthTool, took the slot here by its login; null where another way led to it. */
  readonly authtoolProductId: string | null
}

/** The person or firm an app names when it activates. */
export interface Licensee {
  readonly name: string | null
  readonly email: string | null
}

/** What the caller of a claim chooses; the storage step adds the rest. */
export interface NewActivation
  extends Pick<Activation, 'id' | 'hostId' | 'deviceTag' | 'address' | 'appVersion' | 'licensee' | 'jti'>,
    Proof {
  /** The ids this host says it went by before, the likeliest first; none of them is kept. Default none. */
  readonly previousHostIds?: readonly string[]
  /** Set where it is a login by AuthTool's client API. Default null. */
  readonly authtoolProductId?: string | null
}

/** Last-seen times are written at most this often, so that health checks are reads. */
export const LAST_SEEN_INTERVAL_MS = 300_000

/** The activation a successful claim makes at `now`, with tokens above `stampFloor`. */
export function startActivation(
  license: License,
  product: Product,
  activation: NewActivation,
  stampFloor: number,
  now: Date,
): Activation {
  const { activationDuration } = license
  const { id, hostId, deviceTag, address, appVersion, licensee, jti } = activation
  const tokensEndAt = lastTokenUse(product, now)
  return {
    id,
    hostId,
    deviceTag,
    address,
    appVersion,
    licensee,
    jti,
    ...firstKey(activation, tokensEndAt, now),
    stampFloor,
    surrenderedAt: null,
    releaseAt: null,
    sharing: null,
    authtoolProductId: activation.authtoolProductId ?? null,
    licenseId: license.id,
    activatedAt: now,
    lastSeenAt: now,
    tokensEndAt,
    // Never later than the license itself.
    expiresAt: activationDuration === null ? null : earliest(addDuration(now, activationDuration), license.expiresAt),
  }
}

/** What a slot knows of keys that is made, or taken, by this one. */
function firstKey(by: Proof, tokensEndAt: Date, now: Date): KeyedSlot {
  if ((by.proofKey ?? null) === null) return { keys: [], keylessEndAt: tokensEndAt }
  return { keys: [newKey(by, [], tokensEndAt, now)], keylessEndAt: null }
}

/**
 * The activation a claim is about: the one its host holds, else that of the first of its previous ids that holds one
 * it may take over, which is moved to it; null where there is neither. A slot that rests is its own host's to resume
 * only, and one bound to keys can be taken over by whoever may free it.
 * @param on finds a host's activation of the license
 * @param changedAt see `mayChangeFrom`
 */
export function findHeld(
  claim: Pick<NewActivation, 'hostId' | 'previousHostIds'> & Proof,
  on: (hostId: string) => Activation | null,
  now: Date,
  changedAt: Date,
): Activation | null {
  const own = on(claim.hostId)
  if (own !== null) return own
  for (const hostId of claim.previousHostIds ?? []) {
    const held = on(hostId)
    if (held !== null && held.surrenderedAt === null && mayChange(held, claim, now, changedAt)) return held
  }
  return null
}

/**
 * How a claim takes over the activation it is about: `moved` from another host, `resumed` from its rest, `rebound` where
 * another key is bound to it (another user of the computer, or a reinstall that lost its own); undefined where all stays as
 * it is.
 */
export type Takeover = 'moved' | 'resumed' | 'rebound'

export function takeoverOf(
  held: Pick<Activation, 'hostId' | 'surrenderedAt' | keyof KeyedSlot>,
  { hostId, ...proof }: Pick<NewActivation, 'hostId'> & Proof,
  now: Date,
): Takeover | undefined {
  if (held.hostId !== hostId) return 'moved'
  if (held.surrenderedAt !== null) return 'resumed'
  return (proof.proofKey ?? null) === null || shownKey(held, proof, now) !== undefined ? undefined : 'rebound'
}

/** How a slot changes hands. */
export interface Handover {
  /** How many users its host may have; undefined for as many as are remembered. */
  readonly usersPerHost: number | undefined
  /** True where it is taken from a device: what that was bound to is left behind. */
  readonly replaces: boolean
}

/**
 * The activation `held` once the claim has taken it over, at `now`; `users-exceeded` where its host may have no other user. It
 * stays the same activation, with the time it has left; what the claim leaves open (null) stays too. Its tokens are new, and lie
 * above `stampFloor`. Those that the same host was given before may live on, and so count.
 */
export function takeOver(
  held: Activation,
  product: Product,
  claim: NewActivation,
  { usersPerHost, replaces, stampFloor }: Handover & Pick<Activation, 'stampFloor'>,
  now: Date,
): Activation | 'users-exceeded' {
  const isOwn = claim.hostId === held.hostId
  const ownEnd = lastTokenUse(product, now)
  const bound = replaces
    ? firstKey(claim, ownEnd, now)
    : bindTo(held, claim, { usersPerHost, tokensEndAt: ownEnd }, now)
  if (bound === 'users-exceeded') return bound
  return {
    ...held,
    ...bound,
    surrenderedAt: null,
    releaseAt: isOwn ? releaseAfter(held, claim) : null,
    sharing: isOwn ? held.sharing : null,
    authtoolProductId:
      claim.authtoolProductId ?? (isOwn && held.surrenderedAt === null ? held.authtoolProductId : null),
    hostId: claim.hostId,
    deviceTag: claim.deviceTag ?? held.deviceTag,
    address: claim.address ?? held.address,
    appVersion: claim.appVersion ?? held.appVersion,
    licensee: claim.licensee ?? held.licensee,
    // The other users of a host have tokens of its activation too.
    jti: isOwn && held.surrenderedAt === null ? held.jti : claim.jti,
    stampFloor: Math.max(held.stampFloor, stampFloor),
    lastSeenAt: latest(held.lastSeenAt, now),
    tokensEndAt: isOwn ? latest(held.tokensEndAt, ownEnd) : ownEnd,
  }
}

/** What a slot knows of keys once this caller has it. */
function bindTo(held: Activation, claim: Proof, binding: Binding, now: Date): KeyedSlot | 'users-exceeded' {
  const isBound = (claim.proofKey ?? null) === null || shownKey(held, claim, now) !== undefined
  if (isBound) return seenBy(held, claim, binding.tokensEndAt, now)
  const keys = bindKey(held, claim, binding, now)
  return keys === 'users-exceeded' ? keys : { keys, keylessEndAt: held.keylessEndAt }
}

/** What a slot knows of keys once this caller was given a license token good until `tokensEndAt`. */
function seenBy(activation: Activation, by: Proof, tokensEndAt: Date, now: Date): KeyedSlot {
  const { keys, keylessEndAt } = activation
  const seen = keys.find((one) => isKeyOf(one, by.proofKey)) ?? ofVendor(activation, by, now)
  if (seen === undefined) return { keys, keylessEndAt: latest(keylessEndAt ?? tokensEndAt, tokensEndAt) }
  return { keys: seeKey(keys, seen, by, tokensEndAt, now), keylessEndAt }
}

/** A release that is pending ends with the call of an older user. */
function releaseAfter(activation: Activation, by: Proof): Date | null {
  return cancelsRelease(activation, by) ? null : activation.releaseAt
}

/** The activation with both instants raised; later ones stay. */
export function raiseActivation(
  activation: Activation,
  { lastSeenAt, tokensEndAt }: Pick<Activation, 'lastSeenAt' | 'tokensEndAt'>,
): Activation {
  return {
    ...activation,
    lastSeenAt: latest(activation.lastSeenAt, lastSeenAt),
    tokensEndAt: latest(activation.tokensEndAt, tokensEndAt),
  }
}

/** The activation of a host that was seen, and was given another license token, at `now`. */
export function seeActivation(activation: Activation, product: Product, by: Proof, now: Date): Activation {
  const tokensEndAt = lastTokenUse(product, now)
  const keyed = { ...activation, ...seenBy(activation, by, tokensEndAt, now), releaseAt: releaseAfter(activation, by) }
  return raiseActivation(keyed, { lastSeenAt: now, tokensEndAt })
}

/** The `jti` of the license tokens issued for an activation: that of its renewals too, until its tokens are revoked. */
export function tokenId(
  license: Pick<License, 'stampFloor'>,
  activation: Pick<Activation, 'jti' | 'stampFloor'>,
): string {
  return `${activation.jti}.${Math.max(license.stampFloor, activation.stampFloor)}`
}

/** Why a host's slot is not released, or undefined. Inside the step, on the row as it is stored there. */
export function refuseRelease(
  activation: Activation | null,
  release: Proof,
  now: Date,
): 'not-active' | 'proof-required' | undefined {
  if (activation === null) return 'not-active'
  // A slot that rests is given up already; the vendor may free it all the same.
  if (activation.surrenderedAt !== null && release.trusted !== true) return 'not-active'
  return isProven(activation, release, now) ? undefined : 'proof-required'
}

/** The activation of a host that has given it up at `now`, while its slot rests. */
export function surrenderActivation(activation: Activation, now: Date): Activation {
  return { ...activation, surrenderedAt: now, releaseAt: null, keys: [], keylessEndAt: null }
}

/** True when what is known of when the caller was seen is old enough to be written again, or its call cancels a release. */
export function isLastSeenStale(activation: Activation, product: Product, by: Proof, now: Date): boolean {
  const { lastSeenAt, keylessEndAt, releaseAt } = activation
  if (releaseAt !== null && cancelsRelease(activation, by)) return true
  if (teachesRecovery(activation, by)) return true
  const shown = shownKey(activation, by, now) ?? ofVendor(activation, by, now)
  const isOld = now.getTime() - (shown?.usedAt ?? lastSeenAt).getTime() >= LAST_SEEN_INTERVAL_MS
  // Others of the host may have been seen since, and tokens may last longer since.
  const known = (shown?.tokensEndAt ?? keylessEndAt)?.getTime() ?? 0
  return isOld || known < lastTokenUse(product, now).getTime() - LAST_SEEN_INTERVAL_MS
}

/** The activation without this user of its host, who has given it up at `now`. */
export function dropKey(activation: Activation, { proofKey }: Proof, releaseAt: Date | null, now: Date): Activation {
  const keys = activation.keys.map((one) => (isKeyOf(one, proofKey) ? { ...one, leftAt: now } : one))
  return { ...activation, keys, releaseAt }
}

/** What makes a host unseen; both instants are bounds. */
export interface UnseenSince {
  readonly lastSeenBy: Date
  /** By then every license token it was given must have ended: a host that may still work offline keeps its slot. */
  readonly tokensEndedBy: Date
}

export function isUnseen(activation: Pick<Activation, 'lastSeenAt' | 'tokensEndAt'>, since: UnseenSince): boolean {
  return activation.lastSeenAt <= since.lastSeenBy && activation.tokensEndAt <= since.tokensEndedBy
}

/** A token issued up to the next write of the last-seen time, used until the end of its grace by a slow clock. */
function lastTokenUse(product: Product, now: Date): Date {
  const seconds = product.offlineLifetimeSeconds + product.graceSeconds + CLOCK_TOLERANCE_SECONDS
  return instantAt(now.getTime() + LAST_SEEN_INTERVAL_MS + seconds * 1000)
}
