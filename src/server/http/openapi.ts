import { ROUTES } from '../../protocol/routes'
import { type EndpointDependencies, openEndpoint, type ServedEndpoint } from './endpoint'
import type { OpenApiDocument } from './openapi/document'
import type { DescribedEndpoint } from './openapi/errors'

/**
 * The route of the document that describes every mounted route, itself included. The first request loads and builds it.
 * @param endpoints all other mounted endpoints
 */
export function openapiEndpoint(
  endpoints: readonly DescribedEndpoint[],
  logError: EndpointDependencies['logError'],
): ServedEndpoint {
  let document: Promise<OpenApiDocument> | undefined

  async function build(): Promise<OpenApiDocument> {
    const { buildDocument } = await import('./openapi/document')
    return buildDocument([...endpoints, { route: ROUTES.openapi }])
  }

  return openEndpoint('openapi', logError, async ({ mountUrl }) => {
    document ??= build()
    const { openapi, info, ...rest } = await document
    return { body: { openapi, info, servers: [{ url: mountUrl }], ...rest } }
  })
}
