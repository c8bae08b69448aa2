import type { LicenseErrorCode } from '../../protocol'
import { isRecord, parseJson } from '../../protocol/json'
import type { Reading } from '../trust/known-time'

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
      /** The nonce of the try that it answers. */
      readonly nonce?: string
      /** The clocks here as it came; absent where it came too late, by the uptime, to tell the time. */
      readonly clocks?: Reading
      /** Where the server has answered, of the addresses that it may be at. */
      readonly serverUrl?: string
    }
  | {
      readonly kind: 'refused'
      readonly code: LicenseErrorCode
      readonly status: number
      /** Set when the server did not accept the proof: the nonce that the next proof must carry. */
      readonly nonce?: string
      readonly message?: string
      readonly url?: string
    }
  | {
      readonly kind: 'inconclusive'
      readonly code: LicenseErrorCode
      readonly transient: boolean
      readonly status?: number
      readonly retryAfterSeconds?: number
      /** The system's name for what went wrong, e.g. ECONNREFUSED. */
      readonly systemCode?: string
      /** Who issued a certificate that nothing on this computer trusts. */
      readonly issuer?: string
      readonly url?: string
    }

/** An HTTP answer that was read to its end. */
export interface RawAnswer {
  readonly status: number
  readonly text: string
  readonly date: string | null
  readonly retryAfter: string | null
  /** Header `DPoP-Nonce`. */
  readonly nonce: string | null
  /** Header `Keyslot-Error`. */
  readonly error: string | null
}

/** The form of a nonce; ours have 32 characters. @see RFC 9449 §8.1 */
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/

/** The form of a code: one that this version does not know may come from a newer server. */
const CODE = /^[A-Z_]{1,64}$/

/**
 * Works out what an HTTP answer means. A refusal counts only with the header that names its code: without it, it may be a
 * proxy's, a captive portal's or another service's. Pure.
 */
export function classifyAnswer(answer: RawAnswer, now: Date): Answer {
  const { status, text, date, retryAfter, nonce, error } = answer
  if (status === 429 || status >= 500) {
    const code = status === 429 ? 'RATE_LIMITED' : 'SERVER_UNREACHABLE'
    return { kind: 'inconclusive', code, transient: true, status, ...parseRetryAfter(retryAfter, now) }
  }
  if (status === 200) {
    const body = parseJson(text)
    const isOurs = isRecord(body) && body.code === 0
    return isOurs ? { kind: 'success', body, serverTime: parseDate(date) } : notOurs(status)
  }
  if (status < 400 || error === null || !CODE.test(error)) return notOurs(status)
  const code = error as LicenseErrorCode
  // An earlier try with the same Idempotency-Key is still running: we stopped waiting for its answer.
  if (code === 'IDEMPOTENCY_IN_FLIGHT') return { kind: 'inconclusive', code, transient: true, status }
  const refused = { kind: 'refused', code, status, ...messageIn(text) } as const
  return status === 401 && nonce !== null && NONCE.test(nonce) ? { ...refused, nonce } : refused
}

/** An answer that is not our server's: a captive portal's page, a proxy's error, or an answer at a wrong URL. */
function notOurs(status: number): Answer {
  return { kind: 'inconclusive', code: 'SERVER_UNREACHABLE', transient: false, status }
}

/** What the server says of its refusal, for developers. */
function messageIn(text: string): { message?: string } {
  const body = parseJson(text)
  const isSaid = isRecord(body) && typeof body.message === 'string' && /^[\x20-\x7e]{1,256}$/.test(body.message)
  return isSaid ? { message: String(body.message) } : {}
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

export function parseDate(text: string | null): Date | undefined {
  const date = new Date(text ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}
