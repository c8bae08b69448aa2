import type { RateLimited } from '../../domain/charge-license'
import type { DeviceRefusal } from '../../domain/license-device'
import type { ClaimRefusal } from '../../domain/refuse-claim'
import type { CheckoutRefusal } from '../../domain/session'
import { MAX_ENDPOINTS } from '../../domain/webhook'
import type { LicenseErrorCode } from '../../protocol/error-codes'
import { LicenseError } from '../../protocol/license-error'
import type { Missing } from '../../storage/verbs/store'

const CLAIM_REFUSALS: Readonly<Record<ClaimRefusal | CheckoutRefusal, readonly [LicenseErrorCode, string]>> = {
  blocked: ['LICENSE_BLOCKED', 'The license is blocked'],
  expired: ['LICENSE_EXPIRED', 'The license has expired'],
  'customer-inactive': ['CUSTOMER_INACTIVE', 'The customer is disabled'],
  'wrong-type': ['WRONG_LICENSE_TYPE', 'The license is of another type'],
  'host-not-allowed': ['HOST_NOT_ALLOWED', 'The license does not allow this host'],
  'users-exceeded': ['HOST_USERS_EXCEEDED', 'The host has as many users as it may'],
  'key-dropped': ['HOST_KEY_DROPPED', 'The vendor has dropped this user of the host'],
  'proof-required': ['PROOF_REQUIRED', 'The host must prove that it holds the key it is bound to'],
  'limit-reached': ['ACTIVATION_LIMIT_REACHED', 'Every activation slot or seat of the license is taken'],
}

/** The error for a claim or a checkout refused by the license's state. */
export function claimRefused(refusal: ClaimRefusal | CheckoutRefusal): LicenseError {
  return new LicenseError(...CLAIM_REFUSALS[refusal])
}

/** The error for a slot that the step refuses. */
export function slotRefused(outcome: SlotRefusal, now: Date): LicenseError {
  switch (outcome.kind) {
    case 'rate-limited':
      return rateLimited(outcome.retryAt, now)
    case 'no-self-service':
      return selfServiceMissing()
    case 'no-such-device':
      return activationMissing()
    case 'end-needed':
      return endNeeded()
    default:
      return claimRefused(outcome.kind)
  }
}

type SlotRefusal = RateLimited | DeviceRefusal | { readonly kind: ClaimRefusal | 'end-needed' }

/** The error for an allowance of which nothing is left, saying when there is. */
export function rateLimited(
  retryAt: Date,
  now: Date,
  message = 'This has happened too often to this license',
): LicenseError {
  const retryAfterSeconds = Math.max(1, Math.ceil((retryAt.getTime() - now.getTime()) / 1000))
  return new LicenseError('RATE_LIMITED', message, { detail: { retryAfterSeconds } })
}

export function selfServiceMissing(): LicenseError {
  return new LicenseError('INSUFFICIENT_PERMISSIONS', 'The product allows no self-service')
}

/** The error for a license file that would never end. */
export function endNeeded(): LicenseError {
  return new LicenseError('INVALID_REQUEST', 'ttl: is needed for a license that never expires', {
    detail: { field: 'ttl' },
  })
}

/** The error for what a caller may not do. */
export function forbidden(): LicenseError {
  return new LicenseError('INSUFFICIENT_PERMISSIONS', 'Insufficient permissions for this operation')
}

/** The error for a license that is not there, is another account's, or is for products too that the caller may not act on. */
export function licenseMissing(kind: Missing['kind'] = 'gone'): LicenseError {
  if (kind === 'not-covered') return forbidden()
  return kind === 'foreign'
    ? new LicenseError('LICENSE_FOREIGN', 'The license belongs to another account')
    : new LicenseError('LICENSE_NOT_FOUND', 'There is no such license')
}

/** The error for a host that holds no slot. */
export function activationMissing(): LicenseError {
  return new LicenseError('ACTIVATION_NOT_FOUND', 'The host is not active on this license')
}

/** The error for a host that was seen to be two, and has not activated again since. */
export function mustReactivate(): LicenseError {
  return new LicenseError('HOST_CLONED', 'Two hosts have renewed one license token')
}

export function productMissing(): LicenseError {
  return new LicenseError('PRODUCT_NOT_FOUND', 'There is no such product')
}

/** The error for a client API that would be on without what its apps have. */
export function packageIncomplete(): LicenseError {
  return new LicenseError('INVALID_REQUEST', 'authtoolClient: needs token and aesKey to be switched on', {
    detail: { field: 'authtoolClient' },
  })
}

/** The error for a package token by which two products would be meant. */
export function packageTokenTaken(): LicenseError {
  return new LicenseError('INVALID_REQUEST', 'authtoolClient.token: another product has this token', {
    detail: { field: 'authtoolClient.token' },
  })
}

export function customerMissing(): LicenseError {
  return new LicenseError('CUSTOMER_NOT_FOUND', 'There is no such customer')
}

export function emailTaken(): LicenseError {
  return new LicenseError('CUSTOMER_EMAIL_TAKEN', 'A customer with this email exists already', {
    detail: { field: 'email' },
  })
}

export function nameMissing(): LicenseError {
  return new LicenseError('MISSING_PARAMS', 'name is required, or an email', { detail: { field: 'name' } })
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

export function tooManyWebhooks(): LicenseError {
  return new LicenseError(
    'INVALID_REQUEST',
    `The account has ${MAX_ENDPOINTS} webhooks, which is as many as it may have`,
  )
}

/** The error for a secret that would sign beside too many others. */
export function tooManySecrets(retryAt: Date, now: Date): LicenseError {
  return rateLimited(retryAt, now, 'The secret of this webhook was rotated too often: those before it still sign')
}
