import type { LicenseErrorCode } from '../../../protocol/error-codes'
import { definitionOf } from '../../../protocol/errors'
import { isLicenseError, LicenseError } from '../../../protocol/license-error'
import { ROUTES, type RouteDefinition } from '../../../protocol/routes'
import { authtoolError, authtoolValidationError, keymintError } from '../../../protocol/schemas/answers/errors'
import type { RouteDescription } from '../../../protocol/schemas/api/describe-route'
import { type Endpoint, toErrorAnswer } from '../endpoint'

/** The parts of an endpoint that the description needs: the check of its input, and its answers to errors. */
export type DescribedEndpoint = Pick<Endpoint, 'route' | 'parse' | 'render'>

/** An error as a route answers it. */
export interface ErrorAnswer {
  readonly code: LicenseErrorCode
  readonly when: string
  readonly status: number
  readonly body: object
  /** True when the answer tells when to try again. */
  readonly retry: boolean
  /** True when the answer tells how to make a proof of possession. */
  readonly challenge: boolean
}

/** Every error a route can give, as its endpoint would answer it. */
export function errorAnswers(endpoint: DescribedEndpoint, description: RouteDescription): readonly ErrorAnswer[] {
  const codes = [...commonCodes(endpoint.route), ...description.refusals]
  return [...new Set(codes)].flatMap((code) => {
    const error = sampleError(code, endpoint, description)
    if (error === undefined) return []
    const { status = 200, body, headers = {} } = toErrorAnswer(endpoint, error, () => undefined)
    const [retry, challenge] = ['Retry-After' in headers, 'WWW-Authenticate' in headers]
    return { code, when: definitionOf(code).what, status, body, retry, challenge }
  })
}

/** The schema of an error's body, by the fields of the body. */
export function errorSchema({ body }: ErrorAnswer) {
  if ('code' in body) return keymintError
  return 'details' in body ? authtoolValidationError : authtoolError
}

/** The errors that every route of this kind can give, in the order of the checks. */
function commonCodes(route: RouteDefinition): readonly LicenseErrorCode[] {
  const { authentication, input, mutates, proves } = route
  if (authentication === 'none') return route === ROUTES.healthz ? [] : ['RATE_LIMITED']
  const body: LicenseErrorCode[] = ['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE']
  return [
    'MISSING_AUTHORIZATION',
    'INVALID_ACCESS_TOKEN',
    'INSUFFICIENT_PERMISSIONS',
    ...(proves ? (['PROOF_INVALID', 'PROOF_STALE', 'PROOF_REQUIRED'] as const) : []),
    ...(input === 'body' || input === 'either' ? body : []),
    ...(input === 'none' && !mutates ? [] : (['MISSING_PARAMS', 'INVALID_REQUEST'] as const)),
    ...(mutates ? (['IDEMPOTENCY_IN_FLIGHT', 'IDEMPOTENCY_MISMATCH'] as const) : []),
    'RATE_LIMITED',
    'SERVER_ERROR',
    'STORAGE_UNAVAILABLE',
  ]
}

/** An error as the endpoint makes it; undefined where no input of the endpoint can cause the error. */
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
  return new LicenseError(code, definitionOf(code).says ?? '')
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
