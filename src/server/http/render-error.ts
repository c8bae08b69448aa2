import type { KeymintWire } from '../../protocol/enumerations'
import { ERROR_HEADER, type LicenseErrorCode } from '../../protocol/error-codes'
import { definitionOf, type Told } from '../../protocol/errors'
import { isLicenseError, type LicenseError } from '../../protocol/license-error'
import { PROOF_NONCE_HEADER } from '../../protocol/proof'
import { ROUTES, type RouteDefinition, type RouteName } from '../../protocol/routes'
import type { Answer, JsonAnswer } from './answer'

const NAMES = new Map<RouteDefinition, RouteName>(
  Object.entries(ROUTES).map(([name, route]) => [route, name as RouteName]),
)

/** An error as callers of a route are told of it. */
interface Telling {
  readonly code: LicenseErrorCode
  readonly status: number
  readonly wireCode: number
  /** Undefined where the error's own is sent. */
  readonly message: string | undefined
}

function tell(code: LicenseErrorCode, route: RouteDefinition): Telling {
  const told: Readonly<Partial<Record<string, Told>>> = definitionOf(code).told ?? {}
  const family = isAuthtool(route) ? 'authtool' : 'keymint'
  const found = told[NAMES.get(route) ?? ''] ?? told[route.family] ?? told[family] ?? told.all ?? 'SERVER_ERROR'
  if (typeof found === 'string') return tell(found, route)
  const [status, wireCode, message] = found
  return { code, status, wireCode, message }
}

function isAuthtool({ family }: RouteDefinition): boolean {
  return family === 'authtool' || family === 'authtool-client'
}

const DEFAULT_RETRY_AFTER_SECONDS = 1

/**
 * The answer to an error, in the shape of the route's family, with its code in a header. What callers of the route are not
 * told is 500 and says nothing of its cause.
 *
 * @param wire the form of KeyMint's answers; default the one before September 2026
 */
export function renderError(error: unknown, route: RouteDefinition, wire: KeymintWire = 'before'): JsonAnswer {
  const known = isLicenseError(error) ? error : undefined
  const { code, status, wireCode, message = known?.message } = tell(known?.code ?? 'SERVER_ERROR', route)
  return {
    status,
    body: {
      message,
      ...(!isAuthtool(route) && { code: wireCode }),
      ...(wire === '2026-09' && { success: false, error: { code, message } }),
    },
    headers: { [ERROR_HEADER]: code, ...retryAfter(known, status), ...proofChallenge(known) },
  }
}

/** True when an error is none a caller can be told of: it belongs in the log. */
export function isUnexpected(answer: Answer): boolean {
  return answer.status === 500
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
