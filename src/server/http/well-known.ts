import { parse as parseQuery } from 'node:querystring'
import { ERROR_HEADER } from '../../protocol/error-codes'
import type { JwkSet } from '../../protocol/jwk'
import { ROUTES } from '../../protocol/routes'
import { inputParser } from '../../protocol/schemas/parse-input'
import { REQUESTS } from '../../protocol/schemas/requests'
import type { Store } from '../../storage/verbs/store'
import type { ServiceContext } from '../service/context'
import type { PublishedList, RevocationLister } from '../service/revocation-list'
import { signTime } from '../signing/signed-answer'
import { type Answer, Bytes } from './answer'
import { tagOf, unlessKnown } from './conditional'
import { type EndpointDependencies, openEndpoint, refuseBodies, type ServedEndpoint } from './endpoint'
import type { HttpRequest } from './http-request'
import type { DescribedEndpoint } from './openapi/errors'

const JWKS_MAX_AGE_SECONDS = 300
const REVOCATIONS_MAX_AGE_SECONDS = 300

/** The public signing keys. */
export function jwksEndpoint(jwks: JwkSet): ServedEndpoint {
  const text = JSON.stringify(jwks)
  const etag = tagOf(text)
  const headers = { 'Cache-Control': `public, max-age=${JWKS_MAX_AGE_SECONDS}` }
  return {
    route: ROUTES.jwks,
    serve: async (request) => unlessKnown(request, etag, { body: text, headers }),
    refuse: refuseBodies(ROUTES.jwks),
  }
}

/** The signed revocation lists, of each product and of all, as compact JWS (`application/jose`, RFC 7515 §9.2.1). */
export function revocationEndpoints(
  lists: RevocationLister,
  logError: EndpointDependencies['logError'],
): readonly ServedEndpoint[] {
  return [
    openEndpoint('productRevocations', logError, async (request, { productId }) =>
      toAnswer(request, await lists.list(String(productId))),
    ),
    openEndpoint('revocations', logError, async (request) => toAnswer(request, await lists.list(null))),
  ]
}

/** The server's time, signed for the nonce that was sent, as compact JWS. */
export function timeEndpoint(
  context: ServiceContext,
  logError: EndpointDependencies['logError'],
): ServedEndpoint & Pick<DescribedEndpoint, 'parse'> {
  const parse = inputParser(REQUESTS.time)
  const served = openEndpoint('time', logError, async ({ query }) => {
    const { nonce } = parse(parseQuery(query))
    return { body: await signTime(context, nonce), headers: { 'Content-Type': 'application/jose' } }
  })
  return { ...served, parse }
}

/** A caller who has this very list is told so; whoever can unpack it gets it compressed. */
function toAnswer(request: HttpRequest, { text, gzipped, etag }: PublishedList): Answer {
  const headers = {
    'Content-Type': 'application/jose',
    'Cache-Control': `public, max-age=${REVOCATIONS_MAX_AGE_SECONDS}`,
    Vary: 'Accept-Encoding',
  }
  const isPacked = acceptsGzip(request.headers['accept-encoding'])
  return unlessKnown(request, etag, {
    body: isPacked ? new Bytes([gzipped]) : text,
    headers: { ...headers, ...(isPacked && { 'Content-Encoding': 'gzip' }) },
  })
}

/** @see RFC 9110 §12.5.3: `q=0` refuses */
function acceptsGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '')
    .split(',')
    .some((coding) => /^\s*(?:gzip|x-gzip)\s*(?:;(?!\s*q=0(?:\.0*)?\s*$).*)?$/i.test(coding))
}

const UNAVAILABLE = {
  status: 503,
  body: { status: 'unavailable' },
  headers: { [ERROR_HEADER]: 'STORAGE_UNAVAILABLE', 'Retry-After': '1' },
}

/**
 * Whether storage answers; says nothing of what is inside. Requests that come while it is asked share the question: strangers
 * may ask too.
 */
export function healthEndpoint(store: Store): ServedEndpoint {
  let asking: Promise<void> | undefined
  const ask = () => {
    asking ??= store.ping().finally(() => {
      asking = undefined
    })
    return asking
  }
  return {
    route: ROUTES.healthz,
    refuse: refuseBodies(ROUTES.healthz),
    async serve() {
      try {
        await ask()
        return { body: { status: 'ok' } }
      } catch {
        return UNAVAILABLE
      }
    },
  }
}
