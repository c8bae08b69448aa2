import { LicenseError, type LicenseTokenClaims } from '../../protocol'
import type { OnlineContext } from '../kit-context'
import type { Config } from '../options'
import type { CachedActivation } from '../store/cache-record'
import type { ProofKey } from '../trust/proof-key'
import type { Answer } from '../wire/answer'
import { withServerKeys } from './with-server-keys'

/** What an answer says this host holds. */
export interface GrantedActivation {
  readonly activation: CachedActivation
  readonly claims: LicenseTokenClaims
}

type Success = Extract<Answer, { kind: 'success' }>

/**
 * The activation in an answer, its license token verified but for its times: a clock that is wrong here must not cost
 * the slot just claimed; `check()` says so until it is put right.
 * @param proofKey the key shown in the request
 * @param totalTimeoutMs for asking the server about a key that is not known here
 * @throws {LicenseError} TOKEN_…
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
  return { claims, activation: activationOf(config, claims, licenseToken, provenTime(claims, answer), proofKey) }
}

/** What the cache holds of a verified license token, of the time it came with, and of this host's key. */
export function activationOf(
  { serverUrl, allowPlainHttp, productId, accessToken }: Config,
  { key, machine }: LicenseTokenClaims,
  licenseToken: string,
  provenTime: number,
  proofKey: ProofKey | undefined,
): CachedActivation {
  const endpoint = { serverUrl, allowPlainHttp, productId, accessToken }
  const times = { highestTimeSeen: provenTime, provenTime }
  return { ...endpoint, licenseKey: key, licenseToken, hostId: machine, ...times, proofKey }
}

/** What a fresh answer proves of the time. It replaces every earlier mark: contact heals a clock that ran ahead. */
function provenTime(claims: LicenseTokenClaims, { serverTime }: Success): number {
  return Math.max(claims.iat, serverTime === undefined ? 0 : Math.floor(serverTime.getTime() / 1000))
}
