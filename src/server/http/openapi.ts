import type { Request } from 'express'
import { ROUTES } from '../../protocol/routes'
import { sendAnswer } from './answer'
import type { ServedEndpoint } from './endpoint'
import { buildDocument, type OpenApiDocument } from './openapi/document'
import type { DescribedEndpoint } from './openapi/errors'

/**
 * The description of everything that is mounted, itself included. Built when it is first asked for.
 * @param endpoints all others that are mounted
 */
export function openapiEndpoint(endpoints: readonly DescribedEndpoint[]): ServedEndpoint {
  let built: OpenApiDocument | undefined
  return {
    route: ROUTES.openapi,
    async serve(req, res) {
      built ??= buildDocument([...endpoints, { route: ROUTES.openapi }])
      const { openapi, info, ...rest } = built
      sendAnswer(res, { body: { openapi, info, servers: [{ url: baseUrl(req) }], ...rest } })
    },
  }
}

/** Where the router is, as the caller has it: `trust proxy` of the host app says whom to believe. */
function baseUrl(req: Request): string {
  const path = req.baseUrl === '' ? '/' : req.baseUrl
  const url = `${req.protocol}://${req.headers.host}${path}`
  // Whoever calls writes the Host header.
  return URL.canParse(url) && /^[\w.:[\]-]+$/.test(req.headers.host ?? '') ? url : path
}
