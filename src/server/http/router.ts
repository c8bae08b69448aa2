import type { ErrorRequestHandler, Request, RequestHandler, Response, Router } from 'express'
import type { LicenseError } from '../../protocol/license-error'
import { RevocationLister } from '../service/revocation-list'
import { sendAnswer } from './answer'
import { apiPageEndpoints } from './api-page'
import { authtoolEndpoints } from './authtool'
import { customerEndpoints } from './customers'
import { floatingEndpoints } from './floating'
import { keymintEndpoints } from './keymint'
import { keymintV1Endpoints } from './keymint-v1'
import { createMatcher } from './match-route'
import { openapiEndpoint } from './openapi'
import type { DescribedEndpoint } from './openapi/errors'
import {
  type Endpoint,
  type EndpointDependencies,
  type ServedEndpoint,
  serveEndpoint,
  toErrorAnswer,
} from './order-of-checks'
import { refuseBody, toBodyError } from './read-body'
import { selfServiceEndpoints } from './self-service'
import { signEndpoints } from './sign'
import { trialEndpoints } from './trial'
import { validateEndpoints } from './validate'
import { healthEndpoint, jwksEndpoint, revocationEndpoints } from './well-known'

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
  const { context, logError, warn } = dependencies
  const open = [
    jwksEndpoint(context.jwks),
    ...revocationEndpoints(new RevocationLister(context, warn), logError),
    healthEndpoint(context.store),
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
 * Keeps the families' error shapes where the host app parses bodies before our router and fails. Such a request has
 * passed by whatever the app has put between its parser and our router, so nothing is done for it, even where the route
 * takes no body. Errors of other paths, and other kinds of error, go on to the app's handlers.
 */
export function createErrorHandler(
  endpoints: readonly ServedEndpoint[],
  mountPath: string | undefined,
  logError: EndpointDependencies['logError'],
): ErrorRequestHandler {
  const match = createMatcher(endpoints, mountPath)
  return (error: unknown, req, res, next) => {
    const bodyError = res.headersSent ? undefined : toBodyError(error)
    const endpoint = match(req.method, req.originalUrl)?.endpoint
    if (bodyError === undefined || endpoint === undefined) return next(error)
    return void refuse(endpoint, req, bodyError).catch((refusal: unknown) =>
      sendAnswer(res, toErrorAnswer(endpoint, refusal, logError)),
    )
  }
}

/** Rejects with what is first at fault, in the order of checks: the caller, then the body. */
async function refuse(endpoint: ServedEndpoint, req: Request, bodyError: LicenseError): Promise<never> {
  await endpoint.admit?.(req)
  return refuseBody(req, bodyError)
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
