import type { Request } from 'express'
import { ROUTES } from '../../protocol/routes'
import { sendAnswer } from './answer'
import { type EndpointDependencies, type ServedEndpoint, toErrorAnswer } from './endpoint'
import type { OpenApiDocument } from './openapi/document'
import type { DescribedEndpoint } from './openapi/errors'

/**
 * The description of everything that is mounted, itself included. Loaded and built when it is first asked for.
 * @param endpoints all others that are mounted
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

/** Where the router is, as the caller has it: `trust proxy` of the host app says whom to believe. */
function baseUrl(req: Request): string {
  const { host = '' } = req.headers
  const path = req.baseUrl === '' ? '/' : req.baseUrl
  const url = `${req.protocol}://${host}${path}`
  // Whoever calls writes the Host header.
  return /^[\w.:[\]-]+$/.test(host) && URL.canParse(url) ? url : path
}
