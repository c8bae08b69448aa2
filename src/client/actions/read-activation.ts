import { LicenseError, type LicenseTokenClaims, SIGNS_ANSWERS } from '../../protocol'
import { timeKnownTo } from '../check/time-now'
import { folderEvidence } from '../host/folder-evidence'
import type { KitContext, OnlineContext } from '../kit-context'
import type { CachedActivation, CacheState } from '../store/cache-record'
import { keyIdOf } from '../trust/decode-jws'
import { signedTime, toldTime } from '../trust/judge-clock'
import type { ProofKey } from '../trust/proof-key'
import { startOf } from '../trust/running-time'
import type { Answer } from '../wire/answer'
import { errorSentence } from '../words/error-sentences'
import { contactNow } from './contact-now'
import { heldClaims } from './held-claims'
import { withServerKeys } from './with-server-keys'

/** The activation that the server has granted to this host. */
export interface GrantedActivation {
  readonly activation: CachedActivation
  readonly claims: LicenseTokenClaims
}

type Success = Extract<Answer, { kind: 'success' }>

/** What an activation says of the time. */
type Times = Pick<CachedActivation, 'highestTimeSeen' | 'clock'>

/** A license token that was verified. */
export interface SignedToken {
  readonly licenseToken: string
  readonly claims: LicenseTokenClaims
}

/**
 * Reads the activation in an answer and verifies its license token, except for the token's times. A wrong clock here must
 * not cost the slot that was just claimed; `check()` reports the clock until it is put right.
 *
 * @param proofKey the key that the request was proven with
 * @param totalTimeoutMs bounds asking the server about a key that is not known here
 * @throws {LicenseError} TOKEN_…; SERVER_UNREACHABLE when the token answers another request: somebody repeats an old answer
 */
export async function readActivation(
  context: OnlineContext,
  answer: Success,
  hostId: string,
  proofKey: ProofKey | undefined,
  totalTimeoutMs: number,
): Promise<GrantedActivation> {
  const { config, verifiedTokens } = context
  const { licenseToken } = answer.body
  if (typeof licenseToken !== 'string') {
    throw new LicenseError('TOKEN_MALFORMED', 'The license server sent no license data.')
  }
  const verify = () => verifiedTokens.verify(licenseToken, hostId, proofKey)
  const claims = await withServerKeys(context, licenseToken, verify, { totalTimeoutMs, maxTries: config.maxTries })
  const held = await heldClaims(context)
  if (!isOfThisRequest(claims, answer, held)) {
    throw new LicenseError('SERVER_UNREACHABLE', errorSentence('SERVER_UNREACHABLE'))
  }
  const { serverUrl = config.serverUrl } = answer
  const moved = serverUrl === config.serverUrl ? {} : { serverUrl, movedFrom: config.serverUrl }
  const token = { claims, licenseToken }
  const times =
    timesTold(context, answer, token) ?? timesAfter(context, (await context.cache.read()).state, held, token)
  const activation = activationOf(config, claims, licenseToken, times, proofKey)
  const evidence = await evidenceFor(context, hostId)
  return { claims, activation: { ...activation, ...evidence, ...moved, contact: contactNow(context, 'OK') } }
}

/**
 * Whether a license token was made for this very request. A server that signs its answers puts the nonce of the request in. One
 * that was set back to a version which does not is believed where its token is newer than the one held here.
 */
function isOfThisRequest(
  claims: LicenseTokenClaims,
  { nonce }: Success,
  held: LicenseTokenClaims | undefined,
): boolean {
  if (claims.ans === SIGNS_ANSWERS) return claims.nonce !== undefined && claims.nonce === nonce
  return held?.ans !== SIGNS_ANSWERS || claims.iat >= held.iat
}

/** What tells the data folder from a copy of it. No use where the app itself says which host this is. */
export async function evidenceFor(
  { dataDir, hostId }: Pick<KitContext, 'dataDir' | 'hostId'>,
  activatedAs: string,
): Promise<Pick<CachedActivation, 'folder'>> {
  if ((await hostId()).source === 'option') return {}
  const folder = await folderEvidence(dataDir, activatedAs)
  return folder === undefined ? {} : { folder }
}

/** The record for the cache, made of a verified license token, what is known of the time, and this host's key. */
export function activationOf(
  { serverUrl, allowPlainHttp, productId, accessToken }: KitContext['config'],
  { key, machine }: LicenseTokenClaims,
  licenseToken: string,
  times: Times,
  proofKey: ProofKey | undefined,
): CachedActivation {
  const endpoint = { serverUrl, allowPlainHttp, productId, accessToken }
  return { ...endpoint, licenseKey: key, licenseToken, hostId: machine, ...times, proofKey }
}

/** What the time is by a token that the server made for this very request, and that came in time. */
function timesTold({ boot }: KitContext, { nonce, clocks }: Success, token: SignedToken): Times | undefined {
  const { claims, licenseToken } = token
  if (clocks === undefined || claims.nonce === undefined || claims.nonce !== nonce) return undefined
  const { highestTimeSeen, marks: clock } = toldTime(claims.iat, keyIdOf(licenseToken) ?? '', clocks)
  boot.startedAt = startOf(clock.anchor)
  return { highestTimeSeen, clock }
}

/**
 * What is known of the time once a token has come, nobody knows when. It may be an old one, so the highest time seen stays:
 * somebody who has turned the clock back could hide that by it.
 *
 * @param held the claims of the token in the cache state that was found, where it is this host's
 */
export function timesAfter(
  context: KitContext,
  found: CacheState,
  held: LicenseTokenClaims | undefined,
  { claims, licenseToken }: SignedToken,
): Times {
  const kid = keyIdOf(licenseToken) ?? ''
  if (held === undefined || found.kind !== 'activation') {
    return { highestTimeSeen: claims.iat, clock: { signed: Math.max(claims.iat, claims.nbf), by: [kid] } }
  }
  const { marks, highestTimeSeen } = timeKnownTo(context, found.activation, held)
  return { highestTimeSeen: Math.max(highestTimeSeen, claims.iat), clock: signedTime(marks, claims.iat, kid) }
}
