import { isLicenseError, type LicenseTokenClaims } from '../../protocol'
import { decide, type Standing } from '../check/check'
import { standingAfter } from '../check/read-status'
import type { CachedActivation, CacheState } from '../store/cache-record'
import { decodePart, keyIdOf } from '../trust/decode-jws'
import { createRevocationStore } from '../trust/revocation-store'
import type { KeySource } from '../trust/trusted-keys'
import { isForHost, verifyStanding } from '../trust/verify'
import { isLicenseTokenClaims } from '../words/claims'
import type { LicenseFinding } from './diagnosis'

/** What the stored license is judged by. */
export interface Judges {
  readonly dataDir: string | undefined
  /** Null where none is made yet: then nothing stored can be for it. */
  readonly hostId: string | null
  /** Undefined: the product the license was activated for. */
  readonly productId: string | undefined
  readonly issuer: string
  readonly keys: { readonly of: 'trusted-keys' | 'server-keys'; readonly source: KeySource } | undefined
  readonly now: Date
  /** Whether what is stored is on disk for good. */
  readonly persisted: boolean
}

/** What `check()` would say of the stored license, and what it holds. */
export async function examineLicense(state: CacheState, judges: Judges): Promise<LicenseFinding> {
  const activation = state.kind === 'activation' ? state.activation : undefined
  const { standing, verified } =
    state.kind === 'activation' ? await standingOf(state.activation, judges) : { standing: state, verified: false }
  const check = decide(standing, judges.now, judges.persisted)
  const { status, reason, message, usable, refreshDue, license } = check
  const { expiresAt, tokenExpiresAt, graceEndsAt, refreshAfter } = check
  return {
    status,
    reason,
    message,
    usable,
    maskedKey: activation === undefined ? null : mask(activation.licenseKey),
    productId: activation?.productId ?? null,
    customerName: license?.customerName ?? null,
    entitlements: license?.entitlements ?? [],
    expiresAt,
    tokenExpiresAt,
    graceEndsAt,
    refreshAfter,
    refreshDue,
    highestTimeSeen: activation === undefined ? null : new Date(activation.highestTimeSeen * 1000),
    signedWith: activation === undefined ? null : (keyIdOf(activation.licenseToken) ?? null),
    verifiedWith: verified ? (judges.keys?.of ?? 'none') : 'none',
  }
}

interface Judged {
  readonly standing: Standing
  /** Whether a key has vouched for it. */
  readonly verified: boolean
}

async function standingOf(activation: CachedActivation, judges: Judges): Promise<Judged> {
  const { dataDir, hostId, issuer, keys, productId = activation.productId } = judges
  const { licenseToken, highestTimeSeen, fromFile = false, proofKey } = activation
  if (hostId === null) return unverified({ kind: 'wrong-host', reason: 'TOKEN_WRONG_HOST' })
  // Good for telling what stands there, and for no more.
  const claims = decodeClaims(licenseToken)
  if (claims === undefined) return unverified({ kind: 'untrusted', reason: 'TOKEN_MALFORMED' })
  if (claims.productId !== productId) return unverified({ kind: 'wrong-product' })
  if (!isForHost(claims, { hostId, proofKey })) return unverified({ kind: 'wrong-host', reason: 'TOKEN_WRONG_HOST' })
  const standing = { kind: 'verified', claims, highestTimeSeen, fromFile } as const
  if (keys === undefined) return unverified(standing)
  try {
    await verifyStanding(licenseToken, await keys.source.current(), { issuer, productId, hostId, proofKey })
    const revoked = await createRevocationStore(dataDir, keys.source, issuer).revokes(claims.jti, activation)
    return { standing: revoked ? { kind: 'refused', reason: 'REVOKED' } : standing, verified: true }
  } catch (error) {
    if (!isLicenseError(error)) throw error
    // An app may trust a key that the server publishes no longer, or not yet.
    const unknown = keys.of === 'server-keys' && error.code === 'TOKEN_KEY_UNKNOWN'
    return unverified(unknown ? standing : standingAfter(error))
  }
}

function unverified(standing: Standing): Judged {
  return { standing, verified: false }
}

function decodeClaims(licenseToken: string): LicenseTokenClaims | undefined {
  const claims = decodePart(licenseToken, 1)
  return isLicenseTokenClaims(claims) ? claims : undefined
}

/** A short imported key must not be shown whole. */
function mask(licenseKey: string): string {
  return licenseKey.length < 12 ? '…' : `…${licenseKey.slice(-4)}`
}
