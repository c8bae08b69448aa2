import type { LicenseErrorCode } from '../../protocol/error-codes'
import { isLicenseError, type LicenseError } from '../../protocol/license-error'
import { PROOF_NONCE_HEADER } from '../../protocol/proof'
import type { WireFamily } from '../../protocol/routes'
import type { Answer, JsonAnswer } from './answer'

/** How one code is answered: status, wire code, and the message where it is fixed; else the error's own is sent. */
type Rendering = readonly [status: number, wireCode: number, message?: string]

/** Renderings of a route that differ from its family's. */
export type RenderingTable = Readonly<Partial<Record<LicenseErrorCode, Rendering>>>

const SERVER_ERROR: Rendering = [500, 1, 'Server error']
const FORBIDDEN: Rendering = [403, 1, 'Insufficient permissions for this operation']
const INVALID_PROOF: Rendering = [401, 1, 'Invalid proof of possession']
const INVALID_LICENSE_KEY: Rendering = [404, 1, 'Invalid license key']

/** What all families answer alike. */
const COMMON: RenderingTable = {
  BODY_TOO_LARGE: [413, 1],
  UNSUPPORTED_MEDIA_TYPE: [415, 1],
  RATE_LIMITED: [429, 3],
  IDEMPOTENCY_IN_FLIGHT: [409, 1],
  IDEMPOTENCY_MISMATCH: [422, 1],
  INSUFFICIENT_PERMISSIONS: FORBIDDEN,
  PROOF_INVALID: INVALID_PROOF,
  PROOF_STALE: INVALID_PROOF,
  PROOF_REQUIRED: [403, 2, 'Proof of possession required'],
  STORAGE_UNAVAILABLE: [503, 1, 'Server error'],
}

const KEYMINT: RenderingTable = {
  ...COMMON,
  INVALID_REQUEST: [400, 1],
  MISSING_PARAMS: [400, 1, 'Missing required params'],
  MISSING_AUTHORIZATION: [401, 1, 'Missing Authorization header'],
  INVALID_ACCESS_TOKEN: [401, 1, 'Invalid access token'],
  LICENSE_NOT_FOUND: INVALID_LICENSE_KEY,
  LICENSE_FOREIGN: INVALID_LICENSE_KEY,
  PRODUCT_NOT_FOUND: INVALID_LICENSE_KEY,
  ACTIVATION_NOT_FOUND: [404, 1, 'Device not found'],
  SESSION_NOT_FOUND: [404, 1, 'Session not found'],
  INVALID_SESSION_SIGNATURE: [401, 1, 'Invalid session signature'],
  CUSTOMER_NOT_FOUND: [404, 1, 'Customer not found'],
  CUSTOMER_EMAIL_TAKEN: [409, 1, 'Customer with this email already exists'],
  LICENSE_BLOCKED: [403, 2, 'License not activated'],
  LICENSE_EXPIRED: [403, 2, 'License expired'],
  CUSTOMER_INACTIVE: [403, 2, 'Customer not active'],
  ACTIVATION_LIMIT_REACHED: [403, 2, 'Activation limit reached'],
  HOST_NOT_ALLOWED: [403, 2, 'Host not allowed'],
  WRONG_LICENSE_TYPE: [403, 2, 'Wrong license type'],
  TRIAL_NOT_OFFERED: [403, 2, 'No trial offered'],
}

const AUTHTOOL: RenderingTable = {
  ...COMMON,
  INVALID_REQUEST: [422, 1],
  MISSING_PARAMS: [422, 1],
  MISSING_AUTHORIZATION: [401, 1, 'Invalid API key'],
  INVALID_ACCESS_TOKEN: [401, 1, 'Invalid API key'],
  LICENSE_NOT_FOUND: [404, 1, 'Key not found'],
}

const FAMILIES: Readonly<Record<WireFamily, RenderingTable>> = {
  keymint: KEYMINT,
  'keymint-v1': { ...KEYMINT, MISSING_AUTHORIZATION: [401, 1, 'Invalid access token'] },
  authtool: AUTHTOOL,
  keyslot: KEYMINT,
}

const DEFAULT_RETRY_AFTER_SECONDS = 1

/** The answer to an error, in the shape of a wire family. What is in no table is 500 and says nothing of its cause. */
export function renderError(error: unknown, family: WireFamily, overrides: RenderingTable = {}): JsonAnswer {
  const known = isLicenseError(error) ? error : undefined
  const rendering = (known && (overrides[known.code] ?? FAMILIES[family][known.code])) ?? SERVER_ERROR
  const [status, code, message = known?.message ?? 'Server error'] = rendering
  return {
    status,
    body: family === 'authtool' ? { message } : { message, code },
    headers: { ...retryAfter(known, status), ...proofChallenge(known) },
  }
}

/** True when an error is none a caller can be told of: it belongs in the log. */
export function isUnexpected(answer: Answer): boolean {
  return answer.status === SERVER_ERROR[0]
}

function retryAfter(error: LicenseError | undefined, status: number): Record<string, string> {
  if (status !== 429 && status !== 503) return {}
  return { 'Retry-After': String(error?.detail.retryAfterSeconds ?? DEFAULT_RETRY_AFTER_SECONDS) }
}

/** What a refused proof of possession is told (RFC 9449 §7.1, §8), with what the next one is to carry. */
function proofChallenge(error: LicenseError | undefined): Record<string, string> {
  const reason = error && PROOF_REASONS[error.code]
  if (reason === undefined) return {}
  const { nonce } = error?.detail ?? {}
  return { 'WWW-Authenticate': `DPoP error="${reason}"`, ...(nonce !== undefined && { [PROOF_NONCE_HEADER]: nonce }) }
}

const PROOF_REASONS: Readonly<Partial<Record<LicenseErrorCode, string>>> = {
  PROOF_INVALID: 'invalid_dpop_proof',
  PROOF_STALE: 'use_dpop_nonce',
}
