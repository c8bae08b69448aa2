import { isLicenseError, type LicenseErrorCode, type LicenseStatus } from '../protocol'
import { provenTime, verifyAnswer } from './activate'
import type { Answer } from './answer'
import type { CachedActivation, CacheState } from './cache-record'
import type { KitContext } from './kit-context'
import { type LicenseCheck, REVOKED_REASONS, type RevokedReason } from './license-check'
import { readStatus } from './read-status'

/** Where no contact could help: nothing to renew, or nothing of this host and product. */
const NOTHING_TO_RENEW: readonly LicenseStatus[] = ['not-activated', 'revoked', 'wrong-host', 'wrong-product']

/** The status words a definite no of `POST /key/validate` carries. */
const VALIDATE_REASONS: Readonly<Record<string, RevokedReason>> = {
  revoked: 'REVOKED',
  expired: 'LICENSE_EXPIRED',
  'not-activated': 'ACTIVATION_NOT_FOUND',
  'wrong-host': 'HOST_NOT_ALLOWED',
  'wrong-product': 'LICENSE_NOT_FOUND',
}

/** Asks the server, stores what is definite; see `LicenseKit.refresh`. */
export async function refresh(context: KitContext): Promise<LicenseCheck> {
  const { config, cache, tickets } = context
  await tickets.deliver({ totalTimeoutMs: config.deactivateTimeoutMs })
  const before = await readStatus(context)
  const { state } = await cache.read()
  if (state.kind !== 'activation' || NOTHING_TO_RENEW.includes(before.status)) return before

  const { licenseKey } = state.activation
  const { hostId } = await context.hostId()
  const answer = await context.post({
    endpoint: config,
    path: '/key/validate',
    body: { productId: config.productId, licenseKey, hostId },
    totalTimeoutMs: config.totalTimeoutMs,
  })

  const outcome = await outcomeOf(context, answer, state.activation, hostId)
  // While we asked, another process may have deactivated, renewed, or activated another key: then its word counts.
  const { licenseToken } = state.activation
  if (outcome !== undefined) await cache.update((found) => (isAbout(found, licenseToken) ? outcome : undefined))
  return await readStatus(context)
}

/** What the cache should say after this answer; undefined where the answer is no definite one. */
async function outcomeOf(
  context: KitContext,
  answer: Answer,
  activation: CachedActivation,
  hostId: string,
): Promise<CacheState | undefined> {
  const reason = refusalIn(answer)
  if (reason !== undefined) return { kind: 'refused', reason }
  if (answer.kind !== 'success' || answer.body.valid !== true) return undefined
  try {
    const { claims, licenseToken } = await verifyAnswer(context, answer, hostId)
    const { serverUrl, accessToken, allowPlainHttp } = context.config
    const renewed = { licenseToken, hostId, highestTimeSeen: provenTime(claims, answer) }
    return { kind: 'activation', activation: { ...activation, serverUrl, accessToken, allowPlainHttp, ...renewed } }
  } catch (error) {
    // A token we cannot verify is no answer: a key we do not know yet, or somebody in between.
    if (isLicenseError(error)) return undefined
    throw error
  }
}

function isAbout(found: CacheState, licenseToken: string): boolean {
  return found.kind === 'activation' && found.activation.licenseToken === licenseToken
}

/** The definite no in an answer. About the license: a refused access token says nothing of it. */
function refusalIn(answer: Answer): RevokedReason | undefined {
  if (answer.kind === 'refused') return isRevokedReason(answer.code) ? answer.code : undefined
  if (answer.kind !== 'success' || answer.body.valid !== false) return undefined
  const { reason } = answer.body
  if (reason === undefined) return 'REVOKED'
  return typeof reason === 'string' && Object.hasOwn(VALIDATE_REASONS, reason) ? VALIDATE_REASONS[reason] : undefined
}

function isRevokedReason(code: LicenseErrorCode | RevokedReason): code is RevokedReason {
  return (REVOKED_REASONS as readonly string[]).includes(code)
}
