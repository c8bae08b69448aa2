import { isLastSeenStale, seeActivation } from '../../domain/activation'
import { admitsHost, isExpired, type LicenseRefusal, refuseLicense } from '../../domain/license'
import { isProven, type Proof } from '../../domain/proof'
import { lacksProof } from '../../domain/refuse-claim'
import type { LicenseStatus } from '../../protocol/license-status'
import type { ActivationTarget, FindActivationOutcome } from '../../storage/verbs/store'
import { licenseTokenClaims, signLicenseToken } from '../signing/license-token'
import type { Call, ServiceContext } from './context'
import { claimRefused, licenseMissing } from './refusals'

/** The status words a server can know; grace, trust and clocks are the client's to judge. */
type InvalidReason = Extract<LicenseStatus, 'expired' | 'not-activated' | 'wrong-host' | 'wrong-product' | 'revoked'>

export type Validation =
  | { readonly valid: true; readonly licenseToken: string }
  | { readonly valid: false; readonly reason: InvalidReason }

const REFUSAL_REASONS: Readonly<Record<LicenseRefusal, InvalidReason>> = {
  blocked: 'revoked',
  'customer-inactive': 'revoked',
  expired: 'expired',
}

/**
 * Whether a license serves on a host, with a fresh license token if it does. Never takes a slot; marks the host as
 * seen, at most every five minutes.
 *
 * @throws {LicenseError} LICENSE_NOT_FOUND when the account has no such license, or no such active product
 * @throws {LicenseError} PROOF_REQUIRED when the host is bound to another key than was shown, or the product asks for one
 */
export async function validate(
  context: ServiceContext,
  call: Call,
  target: ActivationTarget & { readonly hostId: string },
): Promise<Validation> {
  const now = context.now()
  const found = await context.store.findActivation(call.accountId, target)
  if (found.kind === 'gone') throw licenseMissing()
  if (found.kind === 'wrong-product') return { valid: false, reason: 'wrong-product' }
  const { activation } = found
  const reason = invalidReason(found, target.hostId, now)
  if (reason !== undefined) return { valid: false, reason }
  if (!isProvenBy(call.proof, found)) throw claimRefused('proof-required')
  if (activation === null || activation.surrenderedAt !== null) return { valid: false, reason: 'not-activated' }
  if (isExpired(activation.expiresAt, now)) return { valid: false, reason: 'expired' }
  if (isLastSeenStale(activation, now)) {
    const seen = seeActivation(activation, found.product, now)
    await context.store.touchActivation(call.accountId, found.license.id, activation.hostId, seen)
  }
  const claims = licenseTokenClaims({ ...found, activation }, context.issuer, now)
  return { valid: true, licenseToken: await signLicenseToken(claims, context.signingKey) }
}

/** Why the license serves on no such host, whether or not it is active there. */
function invalidReason({ license, customer }: Found, hostId: string, now: Date): InvalidReason | undefined {
  const refusal = refuseLicense(license, customer, now)
  if (refusal !== undefined) return REFUSAL_REASONS[refusal]
  return admitsHost(license, hostId) ? undefined : 'wrong-host'
}

/** Unlike a claim, asking binds to no other key. */
function isProvenBy(proof: Proof, { product, activation }: Found): boolean {
  if (lacksProof(product, activation, proof)) return false
  return activation === null || activation.surrenderedAt !== null || isProven(activation, proof)
}

type Found = Extract<FindActivationOutcome, { kind: 'found' }>
