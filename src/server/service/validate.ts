import type { LicenseStatus } from '../../protocol/license-status'
import { isLastSeenStale, seeActivation } from '../domain/activation'
import { admitsHost, isExpired, type LicenseRefusal, refuseLicense } from '../domain/license'
import { licenseTokenClaims, signLicenseToken } from '../signing/license-token'
import type { ActivationTarget, FindActivationOutcome } from '../storage/contract'
import type { Call, ServiceContext } from './context'
import { licenseMissing } from './refusals'

/** The status words a server can know; grace, trust and clocks are the client's to judge. */
export type InvalidReason = Extract<
  LicenseStatus,
  'expired' | 'not-activated' | 'wrong-host' | 'wrong-product' | 'revoked'
>

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
 */
export async function validate(
  context: ServiceContext,
  call: Call,
  target: ActivationTarget & { readonly hostId: string },
): Promise<Validation> {
  const now = context.now()
  const found = await context.storage.findActivation(call.accountId, target)
  if (found.kind === 'gone') throw licenseMissing()
  if (found.kind === 'wrong-product') return { valid: false, reason: 'wrong-product' }
  const { activation } = found
  const reason = invalidReason(found, target.hostId, now)
  if (reason !== undefined) return { valid: false, reason }
  if (activation === null) return { valid: false, reason: 'not-activated' }
  if (isLastSeenStale(activation, now)) {
    const seen = seeActivation(activation, found.product, now)
    await context.storage.touchActivation(call.accountId, found.license.id, activation.hostId, seen)
  }
  const claims = licenseTokenClaims({ ...found, activation }, context.issuer, now)
  return { valid: true, licenseToken: await signLicenseToken(claims, context.signingKey) }
}

function invalidReason(
  { license, customer, activation }: Extract<FindActivationOutcome, { kind: 'found' }>,
  hostId: string,
  now: Date,
): InvalidReason | undefined {
  const refusal = refuseLicense(license, customer, now)
  if (refusal !== undefined) return REFUSAL_REASONS[refusal]
  if (!admitsHost(license, hostId)) return 'wrong-host'
  if (activation === null) return 'not-activated'
  return isExpired(activation.expiresAt, now) ? 'expired' : undefined
}
