import { isLicenseError, type LicenseErrorCode, type LicenseStatus, type LicenseTokenClaims } from '../../protocol'
import { check } from '../check/check'
import { refusalOf } from '../check/refusal'
import type { OnlineContext } from '../kit-context'
import { type CachedActivation, type CacheState, isAbout } from '../store/cache-record'
import type { ProofKey } from '../trust/proof-key'
import type { Answer } from '../wire/answer'
import { createProofKey } from '../wire/proof'
import { type LicenseCheck, REVOKED_REASONS, type RevokedReason } from '../words/license-check'
import { claimSlot } from './claim-slot'
import { fetchRevocationList } from './fetch-revocation-list'
import { readActivation } from './read-activation'
import { lookAtKeySet } from './with-server-keys'

type Success = Extract<Answer, { kind: 'success' }>

/** Contact does not help here: there is no license, or none of this host and product. */
const NOTHING_TO_RENEW: readonly LicenseStatus[] = ['not-activated', 'revoked', 'wrong-host', 'wrong-product']

/** The reasons that `POST /key/validate` gives for a definite refusal. */
const VALIDATE_REASONS: Readonly<Record<string, RevokedReason>> = {
  revoked: 'REVOKED',
  expired: 'LICENSE_EXPIRED',
  'not-activated': 'ACTIVATION_NOT_FOUND',
  'activation-revoked': 'ACTIVATION_REVOKED',
  'wrong-host': 'HOST_NOT_ALLOWED',
  'wrong-product': 'LICENSE_NOT_FOUND',
}

/** `refresh()` itself: asks the server, and stores a definite answer; see `LicenseKit.refresh`. */
export async function refresh(context: OnlineContext): Promise<LicenseCheck> {
  const { config, cache, tickets } = context
  const deadline = performance.now() + config.totalTimeoutMs
  const remainingMs = () => Math.max(1, deadline - performance.now())
  await tickets.deliver({ totalTimeoutMs: Math.min(config.deactivateTimeoutMs, config.totalTimeoutMs / 2) })
  const before = await check(context)
  const { state } = await cache.read()
  if (state.kind !== 'activation' || NOTHING_TO_RENEW.includes(before.status)) {
    // A host that keeps a list keeps it recent: it may judge a license that comes back from a backup later.
    if ((await context.revocations.known()) !== undefined) await fetchRevocationList(context, remainingMs())
    return before
  }

  const { licenseKey, licenseToken, proofKey } = state.activation
  let answer = await validate(context, licenseKey, proofKey, remainingMs())
  const isUnbound = proofKey === undefined && wantsProof(answer)
  // Asking with any key tells whether the slot still exists. When it is gone, the kit must not claim another one.
  if (isUnbound) answer = await validate(context, licenseKey, createProofKey(), remainingMs())

  const outcome =
    isUnbound && (wantsProof(answer) || isValid(answer))
      ? await bind(context, state.activation, remainingMs())
      : await outcomeOf(context, answer, state.activation, remainingMs())
  // Another process may have deactivated, renewed, or activated another key meanwhile. Then its state stays.
  if (outcome !== undefined) await cache.update((found) => (isAbout(found, licenseToken) ? outcome : undefined))
  if (answer.kind !== 'inconclusive') {
    await lookAtKeySet(context, remainingMs())
    await fetchRevocationList(context, remainingMs())
  }
  return await check(context)
}

/** Asks the server whether the license is good for this host. */
async function validate(
  { config, post, hostId }: OnlineContext,
  licenseKey: string,
  proofKey: ProofKey | undefined,
  totalTimeoutMs: number,
): Promise<Answer> {
  const body = { productId: config.productId, licenseKey, hostId: (await hostId()).hostId }
  return await post({ endpoint: config, path: '/key/validate', body, proofKey, totalTimeoutMs })
}

/**
 * Activates once more, with a key. This host was activated without one, by an older version or with a file, and the server
 * asks for proofs now.
 *
 * @returns the state for the cache when the server has refused; undefined otherwise
 */
async function bind(
  context: OnlineContext,
  activation: CachedActivation,
  totalTimeoutMs: number,
): Promise<CacheState | undefined> {
  try {
    const { licenseKey } = activation
    await claimSlot(context, { path: '/key/activate', licenseKey, onlyWhereStored: true }, totalTimeoutMs)
    return undefined
  } catch (error) {
    if (!isLicenseError(error)) throw error
    return isRevokedReason(error.code) ? await refusalOf(context, activation, error.code) : undefined
  }
}

/** The state for the cache after this answer; undefined when the answer is not definite. */
async function outcomeOf(
  context: OnlineContext,
  answer: Answer,
  activation: CachedActivation,
  totalTimeoutMs: number,
): Promise<CacheState | undefined> {
  const reason = refusalIn(answer)
  if (reason !== undefined) return await refusalOf(context, activation, reason, serverSeconds(answer))
  if (!isValid(answer)) return undefined
  try {
    const { hostId } = await context.hostId()
    const renewed = await readActivation(context, answer, hostId, activation.proofKey, totalTimeoutMs)
    if (!activation.fromFile || !(await reachesBeyond(context, activation, renewed.claims))) {
      return { kind: 'activation', activation: renewed.activation }
    }
    context.timeMark.reset()
    const { licenseToken } = activation
    return { kind: 'activation', activation: { ...renewed.activation, licenseToken, fromFile: true } }
  } catch (error) {
    // A token that cannot be verified is no answer: nobody trusted vouches for its key, or somebody on the way made it.
    if (isLicenseError(error)) return undefined
    throw error
  }
}

/**
 * Whether the license file imported here grants the same for longer. A host that was online for an hour must not lose the
 * year that its file is good for.
 */
async function reachesBeyond(
  { verifiedTokens }: OnlineContext,
  { licenseToken, hostId, proofKey }: CachedActivation,
  renewed: LicenseTokenClaims,
): Promise<boolean> {
  const kept = await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
  return kept?.jti === renewed.jti && kept.exp > renewed.exp && grantOf(kept) === grantOf(renewed)
}

function grantOf({ license }: LicenseTokenClaims): string {
  const { expiresAt, entitlements, metadata, customerName } = license
  return JSON.stringify([expiresAt, entitlements, metadata, customerName])
}

function wantsProof(answer: Answer): boolean {
  return answer.kind === 'refused' && answer.code === 'PROOF_REQUIRED'
}

function isValid(answer: Answer): answer is Success {
  return answer.kind === 'success' && answer.body.valid === true
}

function serverSeconds(answer: Answer): number | undefined {
  const serverTime = answer.kind === 'success' ? answer.serverTime : undefined
  return serverTime === undefined ? undefined : Math.floor(serverTime.getTime() / 1000)
}

/** The definite refusal of the license in an answer, if there is one. A refused access token says nothing about the license. */
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
