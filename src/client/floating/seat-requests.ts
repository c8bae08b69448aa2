import { createHmac } from 'node:crypto'
import type { LicenseErrorCode } from '../../protocol'
import { isInstant, isRecord, isText } from '../../protocol/json'
import type { OnlineContext } from '../kit-context'
import type { ProofKey } from '../trust/proof-key'
import type { Answer } from '../wire/answer'
import type { PostRequest } from '../wire/post-with-retries'

/** The seat that a request is about. */
export interface SeatTarget {
  readonly licenseKey: string
  readonly hostId: string
  readonly userIdentifier?: string
  readonly deviceTag?: string
}

/** How long a seat is held, and the nonce that the next heartbeat must show. */
export interface SeatRenewal {
  readonly nonce: string
  /** When the lease lapses, by the server's clock. */
  readonly expiresAt: Date
  /** The server's clock when it answered; undefined when it cannot be believed. */
  readonly serverTime: Date | undefined
}

/** A seat as the server granted it. */
export interface SeatGrant extends SeatRenewal {
  readonly sessionId: string
  readonly secret: string
  readonly heartbeatIntervalMs: number
  readonly metadata: Readonly<Record<string, unknown>> | null
  readonly currentSessions: number
  readonly maxSessions: number | null
}

/**
 * What an answer means for a seat.
 *
 * - `granted`: the seat is ours.
 * - `gone`: nobody holds the session any more. A checkout tells whether there is a seat.
 * - `stale`: the session goes on under a newer nonce or secret, which somebody else has.
 * - `refused`: the license does not allow it.
 * - `unanswered`: the answer says nothing about the seat. A refused access token is such an answer, too.
 */
export type Reply<T> =
  | { readonly kind: 'granted'; readonly value: T }
  | { readonly kind: 'gone' | 'stale' | 'refused'; readonly code: LicenseErrorCode }
  | { readonly kind: 'unanswered'; readonly code: LicenseErrorCode; readonly retryAfterMs: number }

/** How a request is sent. Every try of one intent has the same `idempotencyKey`. */
export type Sending = Pick<PostRequest, 'totalTimeoutMs' | 'maxTries'> & { readonly idempotencyKey: string }

type Parts = Pick<OnlineContext, 'config' | 'post'>

const REFUSALS: readonly LicenseErrorCode[] = [
  'LICENSE_BLOCKED',
  'LICENSE_EXPIRED',
  'LICENSE_NOT_FOUND',
  'CUSTOMER_INACTIVE',
  'ACTIVATION_LIMIT_REACHED',
  'HOST_NOT_ALLOWED',
  'WRONG_LICENSE_TYPE',
  'PROOF_REQUIRED',
]

/** @param proofKey the key that the seat is bound to, or was the first time */
export async function postCheckout(
  { config, post }: Parts,
  target: SeatTarget,
  proofKey: ProofKey | undefined,
  sending: Sending,
): Promise<Answer> {
  const body = { productId: config.productId, ...target }
  return await post({ endpoint: config, path: '/key/checkout', body, proofKey, ...sending })
}

/** Posts a request that proves the session with the last nonce. A nonce works once. */
export async function postProof(
  { config, post }: Parts,
  path: '/key/heartbeat' | '/key/checkin',
  { licenseKey }: SeatTarget,
  grant: SeatGrant,
  sending: Sending,
): Promise<Answer> {
  const { sessionId, nonce } = grant
  const proof = { sessionId, timestamp: nonce, signature: signNonce(grant) }
  return await post({ endpoint: config, path, body: { productId: config.productId, licenseKey, ...proof }, ...sending })
}

/** Says what an answer means. `read` returns undefined for a success that does not have our protocol's shape. */
export function replyOf<T>(answer: Answer, read: (answer: Success) => T | undefined): Reply<T> {
  if (answer.kind === 'success') {
    const value = read(answer)
    return value === undefined ? unanswered('SERVER_UNREACHABLE') : { kind: 'granted', value }
  }
  const { code } = answer
  if (answer.kind === 'inconclusive') return unanswered(code, answer.retryAfterSeconds)
  if (code === 'SESSION_NOT_FOUND') return { kind: 'gone', code }
  if (code === 'INVALID_SESSION_SIGNATURE') return { kind: 'stale', code }
  return REFUSALS.includes(code) ? { kind: 'refused', code } : unanswered(code)
}

export type Success = Extract<Answer, { kind: 'success' }>

export function readGrant(answer: Success): SeatGrant | undefined {
  const { sessionId, sessionSecret: secret, heartbeatInterval, metadata, currentSessions, maxSessions } = answer.body
  const renewal = readRenewal(answer)
  if (renewal === undefined || !isText(sessionId) || !isText(secret) || !isPositive(heartbeatInterval)) return undefined
  return {
    ...renewal,
    sessionId,
    secret,
    heartbeatIntervalMs: heartbeatInterval * 1000,
    metadata: isRecord(metadata) ? metadata : null,
    currentSessions: isPositive(currentSessions) ? currentSessions : 1,
    // 0 stands for unlimited.
    maxSessions: isPositive(maxSessions) ? maxSessions : null,
  }
}

export function readRenewal({ body, serverTime }: Success): SeatRenewal | undefined {
  const { nextNonce: nonce, expiresAt } = body
  if (!isText(nonce) || !isInstant(expiresAt)) return undefined
  return { nonce, expiresAt: new Date(expiresAt), serverTime }
}

function signNonce({ secret, sessionId, nonce }: SeatGrant): string {
  return createHmac('sha256', secret).update(`${sessionId}:${nonce}`).digest('hex')
}

function unanswered<T>(code: LicenseErrorCode, retryAfterSeconds = 0): Reply<T> {
  return { kind: 'unanswered', code, retryAfterMs: retryAfterSeconds * 1000 }
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < Number.MAX_SAFE_INTEGER
}
