import { isUtf8 } from 'node:buffer'
import { type ParsedUrlQuery, parse as parseQuery } from 'node:querystring'
import { LICENSE_KEY_HEADER } from '../../protocol/keymint-wire'
import { LicenseError } from '../../protocol/license-error'
import { canonicalKey } from '../../protocol/license-key-text'
import type { RouteDefinition } from '../../protocol/routes'
import type { HttpRequest } from './http-request'

/** Where a request has its license key, of a route that takes it in two places. */
export function keyPlacesOf(request: HttpRequest, route: RouteDefinition): readonly ('header' | 'query')[] {
  if (route.takesKeyInHeader !== true) return []
  const inHeader = readHeader(request) !== undefined
  const inQuery = parseQuery(request.query).licenseKey !== undefined
  return [...(inHeader ? (['header'] as const) : []), ...(inQuery ? (['query'] as const) : [])]
}

/**
 * The fields of a request's query, with the license key where that is in a header.
 * @throws {LicenseError} INVALID_REQUEST where header and query name two keys
 */
export function readQuery(request: HttpRequest, route: RouteDefinition): ParsedUrlQuery {
  const query = parseQuery(request.query)
  const licenseKey = route.takesKeyInHeader === true ? readHeader(request) : undefined
  if (licenseKey === undefined) return query
  if (query.licenseKey !== undefined && canonicalKey(String(query.licenseKey)) !== canonicalKey(licenseKey)) {
    throw new LicenseError('INVALID_REQUEST', `licenseKey: is another one in header ${LICENSE_KEY_HEADER}`, {
      detail: { field: 'licenseKey' },
    })
  }
  return { ...query, licenseKey }
}

/** The key as it was meant: Node reads a header's bytes as Latin-1, and some clients send UTF-8. */
function readHeader({ headers }: HttpRequest): string | undefined {
  const value = headers[LICENSE_KEY_HEADER]
  if (typeof value !== 'string' || value === '') return undefined
  const bytes = Buffer.from(value, 'latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : value
}
