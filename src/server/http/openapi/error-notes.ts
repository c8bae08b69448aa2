import type { LicenseErrorCode } from '../../../protocol/error-codes'

/** When the server answers with an error, and an example of its message where the family fixes none. */
export const ERROR_NOTES: Readonly<
  Partial<Record<LicenseErrorCode, { readonly when: string; readonly says?: string }>>
> = {
  INVALID_REQUEST: {
    when: 'A field is malformed; the body is no JSON object; `Idempotency-Key` is malformed.',
    says: 'Idempotency-Key: must be one header of 1 to 255 printable characters',
  },
  MISSING_PARAMS: { when: 'A required field is missing.' },
  BODY_TOO_LARGE: { when: 'The body is too large.', says: 'The body is larger than 100000 bytes' },
  UNSUPPORTED_MEDIA_TYPE: {
    when: 'The body is not JSON in UTF-8.',
    says: 'The body must be application/json in UTF-8',
  },
  RATE_LIMITED: { when: 'Too many requests.', says: 'Too many requests' },
  IDEMPOTENCY_IN_FLIGHT: {
    when: 'A request with this `Idempotency-Key` is being answered.',
    says: 'A request with this idempotency key is being answered',
  },
  IDEMPOTENCY_MISMATCH: {
    when: 'This `Idempotency-Key` was used with another payload.',
    says: 'This idempotency key was used for a different request',
  },
  MISSING_AUTHORIZATION: { when: 'There is no access token.' },
  INVALID_ACCESS_TOKEN: { when: 'The access token is unknown, revoked or expired.' },
  INSUFFICIENT_PERMISSIONS: {
    when: 'The access token lacks a scope, may not act on the product, or may not be used from this address.',
  },
  PROOF_INVALID: { when: 'The proof in header `DPoP` is not valid for this request.' },
  PROOF_STALE: { when: 'The proof is too old, or carries another `nonce` than the server wants: try again with that.' },
  PROOF_REQUIRED: { when: 'The host is bound to a key, or the product asks for one, and it was not shown.' },
  TRIAL_NOT_OFFERED: { when: 'The product offers no trial.' },
  LICENSE_NOT_FOUND: { when: 'There is no such license key, or its product is unknown, inactive or another.' },
  LICENSE_FOREIGN: { when: 'The key belongs to another account.' },
  PRODUCT_NOT_FOUND: { when: 'The product is unknown or inactive.' },
  ACTIVATION_NOT_FOUND: { when: 'The host is not active on this license.' },
  CUSTOMER_NOT_FOUND: { when: 'There is no such customer.' },
  CUSTOMER_EMAIL_TAKEN: { when: 'A customer of the account has this email already.' },
  VERSION_NOT_FOUND: {
    when: 'The product has no such version, or it is inactive.',
    says: 'The product has no such version',
  },
  SESSION_NOT_FOUND: { when: 'The session is unknown or has lapsed.' },
  INVALID_SESSION_SIGNATURE: { when: 'The signature is wrong, or its nonce was used before.' },
  LICENSE_BLOCKED: { when: 'The license is blocked.' },
  LICENSE_EXPIRED: { when: "The license, or this host's own activation, has expired." },
  CUSTOMER_INACTIVE: { when: "The license's customer is disabled." },
  ACTIVATION_LIMIT_REACHED: { when: 'Every activation slot or seat is taken.' },
  HOST_NOT_ALLOWED: { when: 'The license does not admit this host.' },
  WRONG_LICENSE_TYPE: { when: 'Floating licenses are checked out, node-locked ones activated.' },
  PEER_MISSING: {
    when: 'The page needs a package that is not installed.',
    says: 'The API page needs swagger-ui-dist: npm install swagger-ui-dist',
  },
  STORAGE_UNAVAILABLE: { when: 'Storage does not answer, or is busy.' },
  SERVER_ERROR: { when: 'Something unexpected.' },
}
