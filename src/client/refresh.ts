import { isLicenseError, type LicenseErrorCode, type LicenseStatus } from '../protocol'
import { provenTime, verifyAnswer } from './activate'
import type { Answer } from './answer'
import type { CachedActivation } from './cache-record'
import type { KitContext } from './kit-context'
import { type LicenseCheck, REVOKED_REASONS, type RevokedReason } from './license-check'
import { currentActivation, readStatus } from './read-status'

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

  // While we asked, another process may have deactivated, or activated another key: then the answer is about nothing.
  const current = await currentActivation(cache, licenseKey)
  if (current !== undefined) await applyAnswer(context, answer, current, hostId)
  return await readStatus(context)
}

async function applyAnswer(
  context: KitContext,
  answer: Answer,
  current: CachedActivation,
  hostId: string,
): Promise<void> {
  const refusal = refusalIn(answer)
  if (refusal !== undefined) return await context.cache.writeRefusal(refusal)
  if (answer.kind !== 'success' || answer.body.valid !== true) return
  try {
    const { claims, licenseToken } = await verifyAnswer(context, answer, hostId)
    if (await isOlder(context, claims.iat, current, hostId)) return
    const { serverUrl, accessToken, allowPlainHttp } = context.config
    const highestTimeSeen = provenTime(claims, answer)
    const endpoint = { serverUrl, accessToken, allowPlainHttp }
    await context.cache.writeActivation({ ...current, ...endpoint, hostId, licenseToken, highestTimeSeen })
  } catch (error) {
    // A token we cannot verify is no answer: a key we do not know yet, or somebody in between.
    if (!isLicenseError(error)) throw error
  }
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

/** A slow answer must not replace what another process has renewed since. */
async function isOlder(
  { verifiedTokens }: KitContext,
  iat: number,
  { licenseToken }: CachedActivation,
  hostId: string,
): Promise<boolean> {
  const stored = await verifiedTokens.verify(licenseToken, hostId).catch(() => undefined)
  return stored !== undefined && iat < stored.iat
}
