import type { Request } from 'express'
import { ROUTES } from '../../protocol/routes'
import { sendAnswer } from './answer'
import type { OpenApiDocument } from './openapi/document'
import type { DescribedEndpoint } from './openapi/errors'
import { type EndpointDependencies, type ServedEndpoint, toErrorAnswer } from './order-of-checks'

/**
 * The route of the document that describes every mounted route, itself included. The first request loads and builds it.
 * @param endpoints all other mounted endpoints
 */
export function openapiEndpoint(
  endpoints: readonly DescribedEndpoint[],
  logError: EndpointDependencies['logError'],
): ServedEndpoint {
  const route = ROUTES.openapi
  let document: Promise<OpenApiDocument> | undefined

  async function build(): Promise<OpenApiDocument> {
    const { buildDocument } = await import('./openapi/document')
    return buildDocument([...endpoints, { route }])
  }

  return {
    route,
    async serve(req, res) {
      try {
        document ??= build()
        const { openapi, info, ...rest } = await document
        sendAnswer(res, { body: { openapi, info, servers: [{ url: baseUrl(req) }], ...rest } })
      } catch (error) {
        sendAnswer(res, toErrorAnswer({ route }, error, logError))
      }
    },
  }
}

/** The URL of the router as the caller knows it. The host app's `trust proxy` decides which proxy headers count. */
function baseUrl(req: Request): string {
  const { host = '' } = req.headers
  const path = req.baseUrl === '' ? '/' : req.baseUrl
  const url = `${req.protocol}://${host}${path}`
  // The caller writes the Host header, and may forge it.
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(url) ? url : path
}
