import { LicenseError, type LicenseTokenClaims, SIGNS_ANSWERS } from '../../protocol'
import { folderEvidence } from '../host/folder-evidence'
import type { KitContext, OnlineContext } from '../kit-context'
import type { CachedActivation } from '../store/cache-record'
import type { ProofKey } from '../trust/proof-key'
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
  if (!isOfThisRequest(claims, answer, await heldClaims(context))) {
    throw new LicenseError('SERVER_UNREACHABLE', errorSentence('SERVER_UNREACHABLE'))
  }
  const { serverUrl = config.serverUrl } = answer
  const moved = serverUrl === config.serverUrl ? {} : { serverUrl, movedFrom: config.serverUrl }
  const activation = activationOf(config, claims, licenseToken, provenTime(claims, answer), proofKey)
  const evidence = await evidenceFor(context, hostId)
  return { claims, activation: { ...activation, ...evidence, ...moved, contact: contactNow(config, 'OK') } }
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

/** The record for the cache, made of a verified license token, the time that is proven, and this host's key. */
export function activationOf(
  { serverUrl, allowPlainHttp, productId, accessToken }: KitContext['config'],
  { key, machine }: LicenseTokenClaims,
  licenseToken: string,
  provenTime: number,
  proofKey: ProofKey | undefined,
): CachedActivation {
  const endpoint = { serverUrl, allowPlainHttp, productId, accessToken }
  const times = { highestTimeSeen: provenTime, provenTime }
  return { ...endpoint, licenseKey: key, licenseToken, hostId: machine, ...times, proofKey }
}

/** The time that a fresh answer proves. It replaces every earlier mark, so that contact heals a clock that ran ahead. */
function provenTime(claims: LicenseTokenClaims, { serverTime }: Success): number {
  return Math.max(claims.iat, serverTime === undefined ? 0 : Math.floor(serverTime.getTime() / 1000))
}
