import { RevocationLister } from '../service/revocation-list'
import { apiPageEndpoints } from './api-page'
import { authtoolEndpoints } from './authtool'
import { authtoolClientEndpoints } from './authtool-client'
import { customerEndpoints } from './customers'
import { type EndpointDependencies, type ServedEndpoint, toErrorAnswer } from './endpoint'
import { floatingEndpoints } from './floating'
import { hostUserEndpoints } from './host-users'
import { keymintEndpoints } from './keymint'
import { keymintV1Endpoints } from './keymint-v1'
import { openapiEndpoint } from './openapi'
import { serveEndpoint } from './order-of-checks'
import type { RateLimiter } from './rate-limit'
import { selfServiceEndpoints } from './self-service'
import { signEndpoints } from './sign'
import { trialEndpoints } from './trial'
import { validateEndpoints } from './validate'
import { healthEndpoint, jwksEndpoint, revocationEndpoints, timeEndpoint } from './well-known'

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
  ...hostUserEndpoints,
  ...trialEndpoints,
]

/** What is open to all costs little, and so often only. */
function limitOpen(
  endpoint: ServedEndpoint,
  limits: RateLimiter,
  logError: EndpointDependencies['logError'],
): ServedEndpoint {
  return {
    ...endpoint,
    serve: (request, params) =>
      limits.admitOpen(request).then(
        () => endpoint.serve(request, params),
        (error: unknown) => toErrorAnswer(endpoint, error, logError),
      ),
  }
}

/** Every endpoint, bound to what it needs. */
export function serveEndpoints(
  dependencies: EndpointDependencies,
  { apiPage }: { readonly apiPage: boolean },
): readonly ServedEndpoint[] {
  const { context, limits, logError, warn } = dependencies
  // Never limited: whoever watches over the server would take it out of service.
  const health = healthEndpoint(context.store)
  const open = [
    jwksEndpoint(context.jwks),
    timeEndpoint(context, logError),
    ...authtoolClientEndpoints(dependencies),
    ...revocationEndpoints(new RevocationLister(context, warn), logError),
    ...(apiPage ? apiPageEndpoints(logError) : []),
  ]
  const describing = openapiEndpoint([...AUTHENTICATED_ENDPOINTS, ...open, health], logError)
  return [
    ...AUTHENTICATED_ENDPOINTS.map((spec) => serveEndpoint(spec, dependencies)),
    ...[...open, describing].map((one) => limitOpen(one, limits, logError)),
    health,
  ]
}
