import { CLOCK_TOLERANCE_SECONDS } from '../protocol/license-token'
import { addDuration, earliest, instantAt } from './calendar'
import type { License } from './license'
import type { Product } from './product'
import { isProven, type Proof } from './proof'

/** A license in use on a host; takes an activation slot. */
export interface Activation {
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
  /** Its license tokens lie above this stamp: that of the last revocation before it was its host's, or of a key it had. */
  readonly stampFloor: number
  /** Until when a license token issued for it can still be of use somewhere: so long its revocation is published. */
  readonly tokensEndAt: Date
  readonly activatedAt: Date
  readonly lastSeenAt: Date
  /** When this host's own time runs out, for licenses with a duration per device; else null. */
  readonly expiresAt: Date | null
  /** The key this host must prove to hold, by its JWK thumbprint (RFC 7638); null where it need not. */
  readonly proofKey: string | null
  /** Since when its host has given it up, while the slot still rests until `tokensEndAt`; null while it is in use. */
  readonly surrenderedAt: Date | null
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
  const { id, hostId, deviceTag, address, appVersion, licensee, jti, proofKey = null } = activation
  return {
    id,
    hostId,
    deviceTag,
    address,
    appVersion,
    licensee,
    jti,
    proofKey,
    stampFloor,
    surrenderedAt: null,
    licenseId: license.id,
    activatedAt: now,
    lastSeenAt: now,
    tokensEndAt: lastTokenUse(product, now),
    // Never later than the license itself.
    expiresAt: activationDuration === null ? null : earliest(addDuration(now, activationDuration), license.expiresAt),
  }
}

/**
 * The activation a claim is about: the one its host holds, else that of the first of its previous ids that holds one
 * it may take over, which is moved to it; null where there is neither. A slot that rests is its own host's to resume
 * only, and one bound to a key can be taken over by the holder of that key.
 * @param on finds a host's activation of the license
 */
export function findHeld(
  claim: Pick<NewActivation, 'hostId' | 'previousHostIds'> & Proof,
  on: (hostId: string) => Activation | null,
): Activation | null {
  const own = on(claim.hostId)
  if (own !== null) return own
  for (const hostId of claim.previousHostIds ?? []) {
    const held = on(hostId)
    if (held !== null && held.surrenderedAt === null && isProven(held, claim)) return held
  }
  return null
}

/**
 * How a claim takes over the activation it is about: `moved` from another host, `resumed` from its rest, `rebound` to
 * another key (a reinstall, whose key was lost); undefined where all stays as it is.
 */
export type Takeover = 'moved' | 'resumed' | 'rebound'

export function takeoverOf(
  held: Pick<Activation, 'hostId' | 'surrenderedAt' | 'proofKey'>,
  { hostId, proofKey = null }: Pick<NewActivation, 'hostId'> & Proof,
): Takeover | undefined {
  if (held.hostId !== hostId) return 'moved'
  if (held.surrenderedAt !== null) return 'resumed'
  return proofKey === null || proofKey === held.proofKey ? undefined : 'rebound'
}

/**
 * The activation `held` once the claim has taken it over, at `now`. It stays the same activation, with the time it has
 * left; what the claim leaves open (null) stays too, but for the key of a slot that rested. Its tokens are new, and lie
 * above `stampFloor`. Those that the same host was given before may live on, and so count.
 */
export function takeOver(
  held: Activation,
  product: Product,
  claim: NewActivation,
  stampFloor: number,
  now: Date,
): Activation {
  const { proofKey = null } = claim
  const tokensEndAt = lastTokenUse(product, now)
  return {
    ...held,
    proofKey: held.surrenderedAt === null ? (proofKey ?? held.proofKey) : proofKey,
    surrenderedAt: null,
    hostId: claim.hostId,
    deviceTag: claim.deviceTag ?? held.deviceTag,
    address: claim.address ?? held.address,
    appVersion: claim.appVersion ?? held.appVersion,
    licensee: claim.licensee ?? held.licensee,
    jti: claim.jti,
    stampFloor: Math.max(held.stampFloor, stampFloor),
    lastSeenAt: latest(held.lastSeenAt, now),
    tokensEndAt: claim.hostId === held.hostId ? latest(held.tokensEndAt, tokensEndAt) : tokensEndAt,
  }
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
export function seeActivation(activation: Activation, product: Product, now: Date): Activation {
  return raiseActivation(activation, { lastSeenAt: now, tokensEndAt: lastTokenUse(product, now) })
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
): 'not-active' | 'proof-required' | undefined {
  if (activation === null) return 'not-active'
  // A slot that rests is given up already; the vendor may free it all the same.
  if (activation.surrenderedAt !== null && release.trusted !== true) return 'not-active'
  return isProven(activation, release) ? undefined : 'proof-required'
}

/** The activation of a host that has given it up at `now`, while its slot rests. */
export function surrenderActivation(activation: Activation, now: Date): Activation {
  return { ...activation, surrenderedAt: now }
}

/** True when the last-seen time is old enough to be written again. */
export function isLastSeenStale(activation: Activation, now: Date): boolean {
  return now.getTime() - activation.lastSeenAt.getTime() >= LAST_SEEN_INTERVAL_MS
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

function latest(a: Date, b: Date): Date {
  return a < b ? b : a
}
