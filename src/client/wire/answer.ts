import type { LicenseErrorCode } from '../../protocol'
import { isRecord, parseJson } from '../../protocol/json'

/**
 * What an answer means.
 *
 * - `success` and `refused` are conclusive: they have our protocol's shape and come from a server that has decided.
 * - `inconclusive` says nothing about the license: no answer, a busy server, or somebody else's page. Another try is worth
 *   it when it is `transient`.
 */
export type Answer =
  | {
      readonly kind: 'success'
      readonly body: Readonly<Record<string, unknown>>
      readonly serverTime: Date | undefined
    }
  | {
      readonly kind: 'refused'
      readonly code: LicenseErrorCode
      readonly status: number
      /** Set when the server did not accept the proof: the nonce that the next proof must carry. */
      readonly nonce?: string
    }
  | {
      readonly kind: 'inconclusive'
      readonly code: LicenseErrorCode
      readonly transient: boolean
      readonly status?: number
      readonly retryAfterSeconds?: number
      /** The system's name for what went wrong, e.g. ECONNREFUSED. */
      readonly systemCode?: string
    }

/** An HTTP answer that was read to its end. */
export interface RawAnswer {
  readonly status: number
  readonly text: string
  readonly date: string | null
  readonly retryAfter: string | null
  /** Header `DPoP-Nonce`. */
  readonly nonce: string | null
}

/** The errors of family A by status and message; see "KeyMint, current" in the protocol document. */
const REFUSALS: Readonly<Record<string, LicenseErrorCode>> = {
  '400 Missing required params': 'MISSING_PARAMS',
  '401 Invalid session signature': 'INVALID_SESSION_SIGNATURE',
  '401 Invalid proof of possession': 'PROOF_INVALID',
  '403 License not activated': 'LICENSE_BLOCKED',
  '403 License expired': 'LICENSE_EXPIRED',
  '403 Customer not active': 'CUSTOMER_INACTIVE',
  '403 Activation limit reached': 'ACTIVATION_LIMIT_REACHED',
  '403 Host not allowed': 'HOST_NOT_ALLOWED',
  '403 Wrong license type': 'WRONG_LICENSE_TYPE',
  '403 Proof of possession required': 'PROOF_REQUIRED',
  '403 No trial offered': 'TRIAL_NOT_OFFERED',
  '404 Invalid license key': 'LICENSE_NOT_FOUND',
  '404 Device not found': 'ACTIVATION_NOT_FOUND',
  '404 Session not found': 'SESSION_NOT_FOUND',
}

/** For errors whose message may be any, the status alone decides. */
const REFUSALS_BY_STATUS: Readonly<Record<number, LicenseErrorCode>> = {
  400: 'INVALID_REQUEST',
  401: 'INVALID_ACCESS_TOKEN',
  422: 'IDEMPOTENCY_MISMATCH',
}

/** The form of a nonce; ours have 32 characters. @see RFC 9449 §8.1 */
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/

/** Works out what an HTTP answer means. Pure. */
export function classifyAnswer({ status, text, date, retryAfter, nonce }: RawAnswer, now: Date): Answer {
  if (status === 429 || status >= 500) {
    const code = status === 429 ? 'RATE_LIMITED' : 'SERVER_UNREACHABLE'
    return { kind: 'inconclusive', code, transient: true, status, ...parseRetryAfter(retryAfter, now) }
  }
  const body = parseJson(text)
  if (!isRecord(body) || typeof body.code !== 'number') return notOurs(status)
  if (status === 200 && body.code === 0) return { kind: 'success', body, serverTime: parseDate(date) }
  if (status < 400 || body.code === 0 || typeof body.message !== 'string') return notOurs(status)
  // An earlier try with the same Idempotency-Key is still running: we stopped waiting for its answer.
  if (status === 409) return { kind: 'inconclusive', code: 'IDEMPOTENCY_IN_FLIGHT', transient: true, status }
  const refused = { kind: 'refused', code: refusalOf(status, body.code, body.message), status } as const
  return status === 401 && nonce !== null && NONCE.test(nonce) ? { ...refused, nonce } : refused
}

function refusalOf(status: number, code: number, message: string): LicenseErrorCode {
  if (status === 403 && code === 1) return 'INSUFFICIENT_PERMISSIONS'
  const known = `${status} ${message}`
  if (Object.hasOwn(REFUSALS, known)) return REFUSALS[known] ?? 'SERVER_REFUSED'
  return REFUSALS_BY_STATUS[status] ?? 'SERVER_REFUSED'
}

/** An answer that is not our server's: a captive portal's page, a proxy's error, or an answer at a wrong URL. */
function notOurs(status: number): Answer {
  return { kind: 'inconclusive', code: 'SERVER_UNREACHABLE', transient: false, status }
}

/** @see RFC 9110 §10.2.3: seconds or an HTTP date */
function parseRetryAfter(retryAfter: string | null, now: Date): { retryAfterSeconds?: number } {
  if (retryAfter === null) return {}
  if (/^\d{1,9}$/.test(retryAfter.trim())) return { retryAfterSeconds: Number(retryAfter) }
  const until = parseDate(retryAfter)
  return until === undefined
    ? {}
    : { retryAfterSeconds: Math.max(0, Math.ceil((until.getTime() - now.getTime()) / 1000)) }
}

function parseDate(text: string | null): Date | undefined {
  const date = new Date(text ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
