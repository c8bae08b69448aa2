import { existsSync } from 'node:fs'
import path from 'node:path'
import { isLicenseError, type LicenseTokenClaims } from '../../protocol'
import { standingAfter } from '../check/check'
import { withClockSentence } from '../check/clock-sentences'
import { decide, maskKey, type Standing, type VerifiedStanding } from '../check/decide'
import type { HostDoubt } from '../check/doubt'
import { readSmallFile } from '../files/read-small-file'
import { type CachedActivation, type CacheState, contactIn, NOTHING, parseState } from '../store/cache-record'
import { knownTime } from '../store/clock-marks'
import { CACHE_FILE } from '../store/license-on-disk'
import { decodePart, keyIdOf } from '../trust/decode-jws'
import { judgeClock } from '../trust/judge-clock'
import type { Reading } from '../trust/known-time'
import { isLicenseTokenClaims } from '../trust/license-token-claims'
import { createRevocationStore } from '../trust/revocation-store'
import type { KeySource } from '../trust/trusted-keys'
import { isForHost, verifyStanding } from '../trust/verify'
import type { LicenseCheck } from '../words/license-check'
import type { LicenseFinding } from './diagnosis'
import type { ExaminedHost } from './examine-doubt'

/** The facts that the stored license is judged by. */
export interface Judges {
  readonly dataDir: string | undefined
  /** Its id is null when this host has none yet. No stored license can be for it then. */
  readonly host: ExaminedHost
  /** Undefined stands for the product that the license was activated for. */
  readonly productId: string | undefined
  readonly issuer: string
  readonly keys: { readonly of: 'trusted-keys' | 'server-keys'; readonly source: KeySource } | undefined
  readonly reading: Reading
  /** How far the server's clock is ahead; undefined where it is not known. */
  readonly serverAheadSeconds: number | undefined
  /** Whether the disk holds the license, or can hold one. */
  readonly persisted: boolean
}

/** Reads the stored license. Unlike the app, it leaves a damaged file where it is. */
export async function readStored(dataDir: string | undefined): Promise<CacheState> {
  if (dataDir === undefined) return NOTHING
  const file = path.join(dataDir, CACHE_FILE)
  try {
    return parseState(await readSmallFile(file))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EFBIG') return { kind: 'none', reason: 'CACHE_CORRUPT' }
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'none', reason: 'CACHE_UNREADABLE' }
    return existsSync(`${file}.bad`) ? { kind: 'none', reason: 'CACHE_CORRUPT' } : NOTHING
  }
}

/** Says what `check()` would find, and what the stored license holds. */
export async function examineLicense(state: CacheState, judges: Judges): Promise<LicenseFinding> {
  const activation = state.kind === 'activation' ? state.activation : undefined
  const doubt = activation && (await doubtOf(activation, judges))
  const hostId = doubt === undefined ? judges.host.hostId : doubt.hostId
  const { standing, verified } =
    state.kind === 'activation' ? await standingOf(state.activation, hostId, judges) : unverified(state)
  const judged = decide(standing, judges.persisted, contactIn(state))
  const bridged = standing.kind === 'verified' ? await underBridge(judges, standing, judged) : judged
  const found = doubt?.judge(bridged) ?? bridged
  const check =
    standing.kind === 'verified' ? withClockSentence(found, standing.clock.state, judges.serverAheadSeconds) : found
  const { status, reason, message, usable, refreshDue, license } = check
  const { expiresAt, tokenExpiresAt, graceEndsAt, refreshAfter, lastContact } = check
  return {
    status,
    reason,
    message,
    usable,
    maskedKey: activation === undefined ? null : maskKey(activation.licenseKey),
    productId: activation?.productId ?? null,
    customerName: license?.customerName ?? null,
    entitlements: license?.entitlements ?? [],
    expiresAt,
    tokenExpiresAt,
    graceEndsAt,
    refreshAfter,
    refreshDue,
    lastContact,
    highestTimeSeen: activation === undefined ? null : new Date(activation.highestTimeSeen * 1000),
    signedWith: activation === undefined ? null : (keyIdOf(activation.licenseToken) ?? null),
    verifiedWith: verified ? (judges.keys?.of ?? 'none') : 'none',
  }
}

/** Loaded where it may change something: few computers ever hold a bridge. */
async function underBridge(judges: Judges, standing: VerifiedStanding, judged: LicenseCheck): Promise<LicenseCheck> {
  if (judged.status !== 'grace' && judged.status !== 'expired') return judged
  const { underStoredBridge } = await import('./examine-statements')
  return await underStoredBridge(judges, standing.claims.productId, standing, judged)
}

interface Judged {
  readonly standing: Standing
  /** Whether a key at hand has signed the license token. */
  readonly verified: boolean
}

/** Loaded where this host is not surely the one of the activation. */
async function doubtOf(
  activation: CachedActivation,
  { dataDir, host, reading }: Judges,
): Promise<HostDoubt<string | null> | undefined> {
  const isRead = host.source !== 'machine' || host.machineIdProblem === null
  if (host.hostId === activation.hostId && isRead) return undefined
  const { examineDoubt } = await import('./examine-doubt')
  return await examineDoubt(dataDir, activation, host, reading)
}

async function standingOf(activation: CachedActivation, hostId: string | null, judges: Judges): Promise<Judged> {
  const { dataDir, issuer, keys, productId = activation.productId } = judges
  const { licenseToken, fromFile = false, proofKey, unknownSince } = activation
  if (hostId === null) return unverified({ kind: 'wrong-host', reason: 'TOKEN_WRONG_HOST' })
  // These claims are not verified yet: they only tell what the token says.
  const claims = decodeClaims(licenseToken)
  if (claims === undefined) return unverified({ kind: 'untrusted', reason: 'TOKEN_MALFORMED' })
  if (claims.productId !== productId) return unverified({ kind: 'wrong-product' })
  if (!isForHost(claims, { hostId, proofKey })) return unverified({ kind: 'wrong-host', reason: 'TOKEN_WRONG_HOST' })
  const trustStore = keys?.of === 'trusted-keys' ? await keys.source.current() : undefined
  const clock = judgeClock(knownTime(activation, claims, trustStore), judges.reading)
  const standing = { kind: 'verified', claims, clock, fromFile, unknownSince } as const
  if (keys === undefined) return unverified(standing)
  try {
    await verifyStanding(licenseToken, await keys.source.current(), { issuer, productId, hostId, proofKey })
    const revoked = await createRevocationStore(dataDir, keys.source, issuer).revokes(claims, activation)
    return { standing: revoked ? { kind: 'refused', reason: 'REVOKED', recovery: proofKey } : standing, verified: true }
  } catch (error) {
    if (!isLicenseError(error)) throw error
    // The app may trust a key that the server no longer publishes, or does not publish yet.
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
