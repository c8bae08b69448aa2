import { isLicenseError, type LicenseErrorCode, type LicenseStatus, type LicenseTokenClaims } from '../protocol'
import { activationOf, provenTime, verifyAnswer } from './activate'
import type { Answer } from './answer'
import { type CachedActivation, type CacheState, isAbout } from './cache-record'
import type { KitContext } from './kit-context'
import { type LicenseCheck, REVOKED_REASONS, type RevokedReason } from './license-check'
import { readStatus } from './read-status'
import { refusalOf } from './refused-state'

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
  if (state.kind !== 'activation' || NOTHING_TO_RENEW.includes(before.status)) {
    // Where a list is kept, what comes back from a backup later is to be judged by a recent one.
    if ((await context.revocations.newest()) !== undefined) await updateRevocations(context)
    return before
  }

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
  if (answer.kind !== 'inconclusive') await updateRevocations(context)
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
  if (reason !== undefined) return await refusalOf(context, activation, reason, serverSeconds(answer))
  if (answer.kind !== 'success' || answer.body.valid !== true) return undefined
  try {
    const { claims, licenseToken } = await verifyAnswer(context, answer, hostId)
    const renewed = activationOf(context.config, claims, licenseToken, provenTime(claims, answer))
    if (!activation.fromFile || !(await reachesBeyond(context, activation, claims))) {
      return { kind: 'activation', activation: renewed }
    }
    context.timeMark.reset()
    return { kind: 'activation', activation: { ...renewed, licenseToken: activation.licenseToken, fromFile: true } }
  } catch (error) {
    // A token we cannot verify is no answer: a key we do not know yet, or somebody in between.
    if (isLicenseError(error)) return undefined
    throw error
  }
}

/**
 * True where the license file imported here grants the same for longer: a host that was online for an hour must not
 * lose the year its file is good for.
 */
async function reachesBeyond(
  { verifiedTokens }: KitContext,
  { licenseToken, hostId }: CachedActivation,
  renewed: LicenseTokenClaims,
): Promise<boolean> {
  const kept = await verifiedTokens.verify(licenseToken, hostId).catch(() => undefined)
  return kept?.jti === renewed.jti && kept.exp > renewed.exp && grantOf(kept) === grantOf(renewed)
}

function grantOf({ license }: LicenseTokenClaims): string {
  const { expiresAt, entitlements, metadata, customerName } = license
  return JSON.stringify([expiresAt, entitlements, metadata, customerName])
}

/** Loaded only now: no start of the app needs it. */
async function updateRevocations(context: KitContext): Promise<void> {
  const { fetchRevocationList } = await import('./fetch-revocation-list')
  await fetchRevocationList(context)
}

function serverSeconds(answer: Answer): number | undefined {
  const serverTime = answer.kind === 'success' ? answer.serverTime : undefined
  return serverTime === undefined ? undefined : Math.floor(serverTime.getTime() / 1000)
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
