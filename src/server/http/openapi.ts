import { ROUTES } from '../../protocol/routes'
import { Bytes } from './answer'
import { tagOf, unlessKnown } from './conditional'
import { type EndpointDependencies, openEndpoint, type ServedEndpoint } from './endpoint'
import type { DescribedEndpoint } from './openapi/errors'

/**
 * The route of the document that describes every mounted route, itself included. The first request loads and builds it; all
 * that follow are sent the same bytes, but for the URL of the server.
 * @param endpoints all other mounted endpoints
 */
export function openapiEndpoint(
  endpoints: readonly DescribedEndpoint[],
  logError: EndpointDependencies['logError'],
): ServedEndpoint {
  let document: Promise<{ readonly head: object; readonly tail: Buffer; readonly tag: string }> | undefined

  async function build() {
    const { buildDocument } = await import('./openapi/document')
    const { openapi, info, ...rest } = buildDocument([...endpoints, { route: ROUTES.openapi }])
    const tail = Buffer.from(`,${JSON.stringify(rest).slice(1)}`)
    return { head: { openapi, info }, tail, tag: tagOf(tail) }
  }

  return openEndpoint('openapi', logError, async (request) => {
    document ??= build()
    const { head, tail, tag } = await document
    const start = Buffer.from(JSON.stringify({ ...head, servers: [{ url: request.mountUrl }] }).slice(0, -1))
    const headers = { 'Cache-Control': 'no-cache' }
    return unlessKnown(request, tagOf(start, tag), { body: new Bytes([start, tail]), headers })
  })
}
