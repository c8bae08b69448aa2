import type { Request, Response } from 'express'
import { ERROR_HEADER } from '../../protocol/error-codes'
import type { JwkSet } from '../../protocol/jwk'
import { ROUTES, type RouteDefinition } from '../../protocol/routes'
import type { Store } from '../../storage/verbs/store'
import type { PublishedList, RevocationLister } from '../service/revocation-list'
import { sendAnswer } from './answer'
import { type EndpointDependencies, type ServedEndpoint, toErrorAnswer } from './order-of-checks'

const JWKS_MAX_AGE_SECONDS = 300
const REVOCATIONS_MAX_AGE_SECONDS = 300

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

/** The signed revocation lists, of each product and of all, as compact JWS (`application/jose`, RFC 7515 §9.2.1). */
export function revocationEndpoints(
  lists: RevocationLister,
  logError: EndpointDependencies['logError'],
): readonly ServedEndpoint[] {
  const endpoint = (route: RouteDefinition, productOf: (req: Request) => string | null): ServedEndpoint => ({
    route,
    async serve(req, res) {
      try {
        sendList(req, res, await lists.list(productOf(req)))
      } catch (error) {
        sendAnswer(res, toErrorAnswer({ route }, error, logError))
      }
    },
  })
  return [
    endpoint(ROUTES.productRevocations, ({ params }) => String(params.productId)),
    endpoint(ROUTES.revocations, () => null),
  ]
}

/** A caller who has this very list is told so; whoever can unpack it gets it compressed. */
function sendList(req: Request, res: Response, { text, gzipped, etag }: PublishedList): void {
  const headers = {
    'Content-Type': 'application/jose',
    'Cache-Control': `public, max-age=${REVOCATIONS_MAX_AGE_SECONDS}`,
    ETag: etag,
    Vary: 'Accept-Encoding',
  }
  if (namesTag(req.headers['if-none-match'], etag)) {
    if (!res.headersSent) res.writeHead(304, headers).end()
  } else if (acceptsGzip(req.headers['accept-encoding'])) {
    sendAnswer(res, { body: gzipped, headers: { ...headers, 'Content-Encoding': 'gzip' } })
  } else {
    sendAnswer(res, { body: text, headers })
  }
}

/** @see RFC 9110 §13.1.2: compared weakly */
function namesTag(asked: string | undefined, etag: string): boolean {
  const tags = (asked ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag.replace(/^W\//, ''))
}

/** @see RFC 9110 §12.5.3: `q=0` refuses */
function acceptsGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '')
    .split(',')
    .some((coding) => /^\s*(?:gzip|x-gzip)\s*(?:;(?!\s*q=0(?:\.0*)?\s*$).*)?$/i.test(coding))
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
        sendAnswer(res, {
          status: 503,
          body: { status: 'unavailable' },
          headers: { [ERROR_HEADER]: 'STORAGE_UNAVAILABLE', 'Retry-After': '1' },
        })
      }
    },
  }
}
