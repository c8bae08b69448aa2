/**
 * Every code a {@link LicenseError} can carry, server and client half together. Codes are stable: switch on them,
 * never on messages.
 */
export const LICENSE_ERROR_CODES = [
  // The request
  'INVALID_REQUEST',
  'MISSING_PARAMS',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'RATE_LIMITED',
  'IDEMPOTENCY_IN_FLIGHT',
  'IDEMPOTENCY_MISMATCH',
  // The caller
  'MISSING_AUTHORIZATION',
  'INVALID_ACCESS_TOKEN',
  'INSUFFICIENT_PERMISSIONS',
  // What the request names
  'LICENSE_NOT_FOUND',
  'LICENSE_FOREIGN',
  'ACTIVATION_NOT_FOUND',
  'PRODUCT_NOT_FOUND',
  'CUSTOMER_NOT_FOUND',
  'CUSTOMER_EMAIL_TAKEN',
  'ACCESS_TOKEN_NOT_FOUND',
  'KEY_TAKEN',
  // The license's state
  'LICENSE_BLOCKED',
  'LICENSE_EXPIRED',
  'CUSTOMER_INACTIVE',
  'ACTIVATION_LIMIT_REACHED',
  'HOST_NOT_ALLOWED',
  'WRONG_LICENSE_TYPE',
  // The installation
  'STORAGE_UNAVAILABLE',
  'STORAGE_INCOMPATIBLE',
  'CAPABILITY_MISSING',
  'KEYRING_INVALID',
  'KEYRING_MISMATCH',
  'PEER_MISSING',
  'SERVER_ERROR',
  // License tokens, as a verifier refuses them
  'TOKEN_MALFORMED',
  'TOKEN_ALGORITHM',
  'TOKEN_KEY_UNKNOWN',
  'TOKEN_SIGNATURE',
  'TOKEN_CLAIMS',
  'TOKEN_NOT_YET_VALID',
  'TOKEN_EXPIRED',
  'TOKEN_WRONG_PRODUCT',
  'TOKEN_WRONG_HOST',
  // The client kit
  'NOT_ACTIVATED',
  'HOST_ID_UNAVAILABLE',
  'INSECURE_SERVER_URL',
  'SERVER_UNREACHABLE',
  'SERVER_REFUSED',
] as const

/** A stable error code; see {@link LICENSE_ERROR_CODES}. */
export type LicenseErrorCode = (typeof LICENSE_ERROR_CODES)[number]
