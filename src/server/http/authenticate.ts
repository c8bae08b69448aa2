import { BlockList, isIP } from 'node:net'
import type { Request } from 'express'
import { type AccessToken, coversProduct, hasScopes } from '../../domain/access-token'
import { LicenseError } from '../../protocol/license-error'
import type { Authentication, RouteDefinition } from '../../protocol/routes'

/** The access token a request shows, where its wire family has it (RFC 6750 §2.1; the scheme is case-insensitive). */
export function readToken(req: Request, authentication: Exclude<Authentication, 'none'>): string {
  if (authentication === 'api-key') return single(req.headers['x-api-key'])
  const header = req.headers.authorization?.trim() ?? ''
  if (header === '') throw new LicenseError('MISSING_AUTHORIZATION', 'The Authorization header is missing')
  return /^bearer +(\S+)$/i.exec(header)?.[1] ?? single(undefined)
}

/**
 * The address a request comes from, as the host app's `trust proxy` setting has it. Null where that is no address:
 * behind a proxy it may be any text the caller put into a header.
 */
export function remoteAddress(req: Request): string | null {
  // An IPv4 client on an IPv6 socket (RFC 4291 §2.5.5.2), and the zone of a link-local one (RFC 4007 §11).
  const address = req.ip?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '') ?? ''
  return isIP(address) === 0 ? null : address
}

/**
 * Lets a token through to a route.
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when the address is not on its list, or a scope is missing
 */
export function authorizeRoute(token: AccessToken, route: RouteDefinition, req: Request): void {
  if (!isAddressAllowed(token, req) || !hasScopes(token, route.scopes)) throw forbidden()
}

/**
 * Lets a token through to products.
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when one of them is not on its list
 */
export function authorizeProducts(token: AccessToken, productIds: readonly string[]): void {
  if (!productIds.every((productId) => coversProduct(token, productId))) throw forbidden()
}

const blockLists = new WeakMap<readonly string[], BlockList>()

function isAddressAllowed({ allowedAddresses }: AccessToken, req: Request): boolean {
  if (allowedAddresses === null) return true
  // Whoever calls chooses req.ip when every hop is trusted: a list of addresses would protect nothing.
  if (req.app.get('trust proxy') === true) return false
  const address = remoteAddress(req)
  if (address === null) return false
  return toBlockList(allowedAddresses).check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

function toBlockList(addresses: readonly string[]): BlockList {
  const known = blockLists.get(addresses)
  if (known !== undefined) return known
  const list = new BlockList()
  for (const entry of addresses) {
    const [address = '', prefix] = entry.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  blockLists.set(addresses, list)
  return list
}

function single(header: string | string[] | undefined): string {
  if (typeof header === 'string') return header.trim()
  throw new LicenseError('INVALID_ACCESS_TOKEN', 'The access token is not valid')
}

/** The error for what a token may not do. */
export function forbidden(): LicenseError {
  return new LicenseError('INSUFFICIENT_PERMISSIONS', 'Insufficient permissions for this operation')
}
