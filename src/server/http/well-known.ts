import type { JwkSet } from '../../protocol/jwk'
import { ROUTES } from '../../protocol/routes'
import type { Store } from '../../storage/verbs/store'
import { sendAnswer } from './answer'
import { type EndpointDependencies, type ServedEndpoint, toErrorAnswer } from './order-of-checks'

const JWKS_MAX_AGE_SECONDS = 300
const REVOCATIONS_MAX_AGE_SECONDS = 60

/** The public signing keys. */
export function jwksEndpoint(jwks: JwkSet): ServedEndpoint {
  const headers = { 'Cache-Control': `public, max-age=${JWKS_MAX_AGE_SECONDS}` }
  return {
    route: ROUTES.jwks,
    async serve(_req, res) {
      sendAnswer(res, { body: jwks, headers })
    },
  }
}

/** The signed revocation list, as a compact JWS (`application/jose`, RFC 7515 §9.2.1). */
export function revocationsEndpoint(
  listRevocations: () => Promise<string>,
  logError: EndpointDependencies['logError'],
): ServedEndpoint {
  const route = ROUTES.revocations
  const headers = {
    'Content-Type': 'application/jose',
    'Cache-Control': `public, max-age=${REVOCATIONS_MAX_AGE_SECONDS}`,
  }
  return {
    route,
    async serve(_req, res) {
      try {
        sendAnswer(res, { body: await listRevocations(), headers })
      } catch (error) {
        sendAnswer(res, toErrorAnswer({ route }, error, logError))
      }
    },
  }
}

/** Whether storage answers; says nothing of what is inside. */
export function healthEndpoint(store: Store): ServedEndpoint {
  return {
    route: ROUTES.healthz,
    async serve(_req, res) {
      try {
        await store.ping()
        sendAnswer(res, { body: { status: 'ok' } })
      } catch {
        sendAnswer(res, { status: 503, body: { status: 'unavailable' }, headers: { 'Retry-After': '1' } })
      }
    },
  }
}
