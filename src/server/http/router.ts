import type { ErrorRequestHandler, Request, RequestHandler, Response, Router } from 'express'
import { createRevocationLister } from '../service/revocation-list'
import { apiPageEndpoints } from './api-page'
import { authtoolEndpoints } from './authtool'
import { customerEndpoints } from './customers'
import { type Endpoint, type EndpointDependencies, type ServedEndpoint, serveEndpoint } from './endpoint'
import { floatingEndpoints } from './floating'
import { keymintEndpoints } from './keymint'
import { keymintV1Endpoints } from './keymint-v1'
import { createMatcher } from './match-route'
import { openapiEndpoint } from './openapi'
import type { DescribedEndpoint } from './openapi/errors'
import { toBodyError } from './read-body'
import { selfServiceEndpoints } from './self-service'
import { signEndpoints } from './sign'
import { trialEndpoints } from './trial'
import { validateEndpoints } from './validate'
import { healthEndpoint, jwksEndpoint, revocationsEndpoint } from './well-known'

/** Every endpoint that takes an access token. */
export const AUTHENTICATED_ENDPOINTS = [
  ...keymintEndpoints,
  ...floatingEndpoints,
  ...signEndpoints,
  ...customerEndpoints,
  ...keymintV1Endpoints,
  ...authtoolEndpoints,
  ...validateEndpoints,
  ...selfServiceEndpoints,
  ...trialEndpoints,
]

/** Every endpoint, bound to what it needs. */
export function serveEndpoints(
  dependencies: EndpointDependencies,
  { apiPage }: { readonly apiPage: boolean },
): readonly ServedEndpoint[] {
  const { context, logError } = dependencies
  const open = [
    jwksEndpoint(context.jwks),
    revocationsEndpoint(createRevocationLister(context), logError),
    healthEndpoint(context.storage),
    ...(apiPage ? apiPageEndpoints(logError) : []),
  ]
  return [
    ...AUTHENTICATED_ENDPOINTS.map((spec) => serveEndpoint(spec as Endpoint<unknown>, dependencies)),
    ...open,
    openapiEndpoint([...(AUTHENTICATED_ENDPOINTS as readonly DescribedEndpoint[]), ...open], logError),
  ]
}

/** Mounts the endpoints on an Express router; every other path goes on to the host app untouched. */
export function mountEndpoints(router: Router, endpoints: readonly ServedEndpoint[]): void {
  for (const { route, serve } of endpoints) {
    const handler: RequestHandler = (req, res) => void serve(req, res)
    router[toVerb(route.method)](toExpressPath(route.path), handler)
  }
  router.use(undecodablePath(endpoints))
}

/**
 * Keeps the families' error shapes where the host app parses bodies before our router and fails: the request, which
 * never reached us, is served from here. Errors of other paths, and other kinds of error, go on to the app's handlers.
 */
export function createErrorHandler(
  endpoints: readonly ServedEndpoint[],
  mountPath: string | undefined,
): ErrorRequestHandler {
  const match = createMatcher(endpoints, mountPath)
  return (error: unknown, req, res, next) => {
    const bodyError = toBodyError(error)
    const matched = bodyError === error || res.headersSent ? undefined : match(req.method, req.originalUrl)
    if (matched === undefined) return next(error)
    req.params = matched.params
    return void matched.endpoint.serve(req, res, bodyError)
  }
}

/**
 * Express throws where a path parameter cannot be decoded. Left as it is it names no key, and is answered so; with a
 * method that is none of ours the path is the host app's, which may take it.
 */
function undecodablePath(endpoints: readonly ServedEndpoint[]): ErrorRequestHandler {
  const match = createMatcher(endpoints, '')
  return (error: unknown, req: Request, res: Response, next) => {
    if (!(error instanceof URIError)) return next(error)
    const matched = match(req.method, req.url)
    if (matched === undefined) return next()
    req.params = matched.params
    return void matched.endpoint.serve(req, res)
  }
}

function toVerb(method: ServedEndpoint['route']['method']) {
  return method.toLowerCase() as Lowercase<typeof method>
}

function toExpressPath(path: string): string {
  return path.replace(/\{(\w+)\}/g, ':$1')
}
