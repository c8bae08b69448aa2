import { RevocationLister } from '../service/revocation-list'
import { apiPageEndpoints } from './api-page'
import { authtoolEndpoints } from './authtool'
import { customerEndpoints } from './customers'
import type { EndpointDependencies, ServedEndpoint } from './endpoint'
import { floatingEndpoints } from './floating'
import { keymintEndpoints } from './keymint'
import { keymintV1Endpoints } from './keymint-v1'
import { openapiEndpoint } from './openapi'
import { serveEndpoint } from './order-of-checks'
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
    ...AUTHENTICATED_ENDPOINTS.map((spec) => serveEndpoint(spec, dependencies)),
    ...open,
    openapiEndpoint([...AUTHENTICATED_ENDPOINTS, ...open], logError),
  ]
}
