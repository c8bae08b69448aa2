import type { ClaimRefusal } from '../../domain/refuse-claim'
import type { CheckoutRefusal } from '../../domain/session'
import type { LicenseErrorCode } from '../../protocol/error-codes'
import { LicenseError } from '../../protocol/license-error'
import type { Missing } from '../../storage/verbs/store'

const CLAIM_REFUSALS: Readonly<Record<ClaimRefusal | CheckoutRefusal, readonly [LicenseErrorCode, string]>> = {
  blocked: ['LICENSE_BLOCKED', 'The license is blocked'],
  expired: ['LICENSE_EXPIRED', 'The license has expired'],
  'customer-inactive': ['CUSTOMER_INACTIVE', 'The customer is disabled'],
  'wrong-type': ['WRONG_LICENSE_TYPE', 'The license is of another type'],
  'host-not-allowed': ['HOST_NOT_ALLOWED', 'The license does not allow this host'],
  'proof-required': ['PROOF_REQUIRED', 'The host must prove that it holds the key it is bound to'],
  'limit-reached': ['ACTIVATION_LIMIT_REACHED', 'Every activation slot or seat of the license is taken'],
}

/** The error for a claim or a checkout refused by the license's state. */
export function claimRefused(refusal: ClaimRefusal | CheckoutRefusal): LicenseError {
  return new LicenseError(...CLAIM_REFUSALS[refusal])
}

/** The error for a license that is not there, or is another account's. */
export function licenseMissing(kind: Missing['kind'] = 'gone'): LicenseError {
  return kind === 'foreign'
    ? new LicenseError('LICENSE_FOREIGN', 'The license belongs to another account')
    : new LicenseError('LICENSE_NOT_FOUND', 'There is no such license')
}

/** The error for a host that holds no slot. */
export function activationMissing(): LicenseError {
  return new LicenseError('ACTIVATION_NOT_FOUND', 'The host is not active on this license')
}

export function productMissing(): LicenseError {
  return new LicenseError('PRODUCT_NOT_FOUND', 'There is no such product')
}

export function customerMissing(): LicenseError {
  return new LicenseError('CUSTOMER_NOT_FOUND', 'There is no such customer')
}

export function emailTaken(): LicenseError {
  return new LicenseError('CUSTOMER_EMAIL_TAKEN', 'A customer with this email exists already', {
    detail: { field: 'email' },
  })
}

export function versionMissing(): LicenseError {
  return new LicenseError('VERSION_NOT_FOUND', 'The product has no such version', { detail: { field: 'versionId' } })
}

export function sessionMissing(): LicenseError {
  return new LicenseError('SESSION_NOT_FOUND', 'The session is unknown or has lapsed')
}

export function badSessionSignature(): LicenseError {
  return new LicenseError('INVALID_SESSION_SIGNATURE', 'The signature is wrong, or its nonce was used before')
}

export function webhookMissing(): LicenseError {
  return new LicenseError('WEBHOOK_NOT_FOUND', 'There is no such webhook')
}
