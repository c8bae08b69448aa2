import type { LicenseErrorCode } from '../../../protocol/error-codes'
import { isLicenseError, LicenseError } from '../../../protocol/license-error'
import type { RouteDefinition } from '../../../protocol/routes'
import { authtoolError, authtoolValidationError, keymintError } from '../../../protocol/schemas/answers/errors'
import type { RouteDescription } from '../../../protocol/schemas/api/describe-route'
import type { Endpoint } from '../endpoint'
import { renderError } from '../render-error'
import { ERROR_NOTES } from './error-notes'

/** What the description takes of an endpoint: how it checks its input, and how it answers errors. */
export type DescribedEndpoint = Pick<Endpoint<unknown>, 'route' | 'parse' | 'renderings' | 'render'>

/** An error as a route answers it. */
export interface ErrorAnswer {
  readonly code: LicenseErrorCode
  readonly when: string
  readonly status: number
  readonly body: object
  /** True where the answer says when to try again. */
  readonly retry: boolean
  /** True where the answer says how a proof of possession is to be made. */
  readonly challenge: boolean
}

/** Every error a route can give, as its endpoint would answer it. */
export function errorAnswers(endpoint: DescribedEndpoint, description: RouteDescription): readonly ErrorAnswer[] {
  const codes = [...commonCodes(endpoint.route), ...description.refusals]
  return [...new Set(codes)].flatMap((code) => {
    const error = sampleError(code, endpoint, description)
    if (error === undefined) return []
    const { route, renderings, render } = endpoint
    const { status = 200, body, headers = {} } = render?.(error) ?? renderError(error, route.family, renderings)
    const [retry, challenge] = ['Retry-After' in headers, 'WWW-Authenticate' in headers]
    return { code, when: ERROR_NOTES[code]?.when ?? code, status, body, retry, challenge }
  })
}

/** The schema of an error's body, by what is in it. */
export function errorSchema({ body }: ErrorAnswer) {
  if ('code' in body) return keymintError
  return 'details' in body ? authtoolValidationError : authtoolError
}

/** What every route of its kind can give, in the order of checks. */
function commonCodes({ authentication, input, mutates, proves }: RouteDefinition): readonly LicenseErrorCode[] {
  if (authentication === 'none') return []
  const body: LicenseErrorCode[] = ['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE']
  return [
    'MISSING_AUTHORIZATION',
    'INVALID_ACCESS_TOKEN',
    'INSUFFICIENT_PERMISSIONS',
    ...(proves ? (['PROOF_INVALID', 'PROOF_STALE', 'PROOF_REQUIRED'] as const) : []),
    ...(input === 'body' || input === 'either' ? body : []),
    ...(input === 'none' && !mutates ? [] : (['MISSING_PARAMS', 'INVALID_REQUEST'] as const)),
    ...(mutates ? (['IDEMPOTENCY_IN_FLIGHT', 'IDEMPOTENCY_MISMATCH', 'CAPABILITY_MISSING'] as const) : []),
    'RATE_LIMITED',
    'SERVER_ERROR',
    'STORAGE_UNAVAILABLE',
  ]
}

/** An error as the endpoint makes it; undefined where its input cannot be at fault so. */
function sampleError(
  code: LicenseErrorCode,
  { parse }: DescribedEndpoint,
  { examples, request }: RouteDescription,
): LicenseError | undefined {
  if (code === 'MISSING_PARAMS') return thrownBy(() => parse?.({}))
  if (code === 'INVALID_REQUEST' && parse !== undefined) {
    const [example] = Object.values(examples)
    const [field = ''] = Object.keys(request?.shape ?? {})
    return thrownBy(() => parse({ ...example?.request, [field]: [] }))
  }
  return new LicenseError(code, ERROR_NOTES[code]?.says ?? '')
}

function thrownBy(action: () => unknown): LicenseError | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (isLicenseError(error)) return error
    throw error
  }
}
