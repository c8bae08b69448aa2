import type { LicenseTokenClaims } from '../../protocol'
import { refusalOf } from '../check/refusal'
import type { OnlineContext } from '../kit-context'
import { type CachedActivation, type Contact, isAbout, type WritableState } from '../store/cache-record'
import { following } from '../store/seen-hosts'
import type { Answer } from '../wire/answer'
import { createProofKey } from '../wire/proof'
import type { RevokedReason } from '../words/license-check'
import type { Asking } from './asking'
import { contactCode, isRevokedReason, isUnknown, isValid, refusalIn, wantsProof } from './verdict'

/** What follows the stored activation. */
interface Outcome {
  readonly code: Contact['code']
  /** Replaces the activation. */
  readonly state?: WritableState
  /** Changes the activation, as the cache holds it by then. */
  readonly changes?: Partial<CachedActivation>
  /** Granted, but not stored: the license file that is kept reaches beyond it. */
  readonly spare?: CachedActivation
}

/**
 * Asks the server about the stored activation, and stores what follows: a renewed token, a refusal, or why there was none.
 * @param isLive whether the license token has not ended yet
 */
export async function renew(asking: Asking, activation: CachedActivation, isLive: boolean): Promise<void> {
  const { licenseKey, licenseToken, proofKey } = activation
  let answer = await asking.validate(licenseKey, proofKey)
  const isUnbound = proofKey === undefined && wantsProof(answer)
  // Asking with any key tells whether the slot still exists. When it is gone, the kit must not claim another one.
  if (isUnbound) answer = await asking.validate(licenseKey, createProofKey())
  // The list tells a host that was freed on purpose from one that the server has forgotten.
  if (!isValid(answer)) await asking.takeNews(answer)

  const outcome =
    isUnbound && (wantsProof(answer) || isValid(answer))
      ? await bind(asking, activation)
      : await outcomeOf(asking, answer, activation, isLive)
  const contact = asking.contact(outcome.code)
  // Another process may have deactivated, renewed, or activated another key meanwhile. Then its state stays.
  await asking.context.cache.update((found) => {
    if (found.kind !== 'activation' || !isAbout(found, licenseToken)) return undefined
    const { state, changes } = outcome
    if (state === undefined) return { kind: 'activation', activation: { ...found.activation, ...changes, contact } }
    return state.kind === 'refused' ? state : { ...state, activation: following(found.activation, state.activation) }
  })
  await asking.takeNews(answer)
  if (outcome.spare !== undefined) await replaceUntrusted(asking.context, activation, outcome.spare)
}

/**
 * Where this contact has told that the key of a license file is revoked, the file's place is taken by what the contact granted:
 * the license goes on in the same step.
 */
async function replaceUntrusted(
  { cache, verifiedTokens }: OnlineContext,
  { licenseToken, hostId, proofKey }: CachedActivation,
  granted: CachedActivation,
): Promise<void> {
  const kept = await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
  if (kept !== undefined) return
  await cache.update((found) =>
    found.kind === 'activation' && isAbout(found, licenseToken)
      ? { kind: 'activation', activation: following(found.activation, granted) }
      : undefined,
  )
}

/** Activates once more, with a key: this host was activated without one, and the server asks for proofs now. */
async function bind(asking: Asking, activation: CachedActivation): Promise<Outcome> {
  const code = await asking.claim(activation.licenseKey)
  return code === undefined ? { code: 'OK' } : await afterClaim(asking, activation, code)
}

async function outcomeOf(
  asking: Asking,
  answer: Answer,
  activation: CachedActivation,
  isLive: boolean,
): Promise<Outcome> {
  const reason = refusalIn(answer)
  if (reason === undefined) return isValid(answer) ? await renewed(asking, answer, activation) : unchanged(answer)
  if (!isUnknown(reason)) return await refused(asking, activation, reason)
  if (await isNamedByList(asking, activation)) {
    return await refused(asking, activation, reason === 'LICENSE_NOT_FOUND' ? reason : 'ACTIVATION_REVOKED')
  }
  // Once the token has ended, the server may have forgotten that the slot was freed. Then a person decides.
  if (!isLive || activation.proofKey === undefined) return unknown(asking, activation, reason)
  const code = await asking.claim(activation.licenseKey, { licenseToken: activation.licenseToken })
  return code === undefined ? { code: 'OK' } : await afterClaim(asking, activation, code)
}

function unchanged(answer: Answer): Outcome {
  return { code: contactCode(answer) }
}

async function renewed(asking: Asking, answer: Answer, activation: CachedActivation): Promise<Outcome> {
  const granted = await asking.read(answer, activation.proofKey)
  if (granted === undefined) return { code: 'TOKEN_MALFORMED' }
  if (!activation.fromFile || !(await reachesBeyond(asking.context, activation, granted.claims))) {
    return { code: 'OK', state: { kind: 'activation', activation: granted.activation } }
  }
  const { licenseToken } = activation
  return {
    code: 'OK',
    state: { kind: 'activation', activation: { ...granted.activation, licenseToken, fromFile: true } },
    spare: granted.activation,
  }
}

async function afterClaim(asking: Asking, activation: CachedActivation, code: Contact['code']): Promise<Outcome> {
  if (isRevokedReason(code) && !isUnknown(code)) return await refused(asking, activation, code)
  return unknown(asking, activation, code)
}

function unknown(asking: Asking, { unknownSince }: CachedActivation, code: Contact['code']): Outcome {
  return { code, changes: { unknownSince: unknownSince ?? asking.contact(code).at } }
}

async function refused(asking: Asking, activation: CachedActivation, reason: RevokedReason): Promise<Outcome> {
  return { code: reason, state: await refusalOf(asking.context, activation, reason, asking.contact(reason)) }
}

async function isNamedByList(
  { context: { verifiedTokens, revocations } }: Asking,
  { licenseToken, hostId, proofKey }: CachedActivation,
): Promise<boolean> {
  const claims = await verifiedTokens.verify(licenseToken, hostId, proofKey).catch(() => undefined)
  return claims !== undefined && (await revocations.revokes(claims, {}))
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
