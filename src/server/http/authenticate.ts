import { BlockList, isIP } from 'node:net'
import { type AccessToken, coversProduct, hasScopes } from '../../domain/access-token'
import { LicenseError } from '../../protocol/license-error'
import type { Authentication, RouteDefinition } from '../../protocol/routes'
import { forbidden } from '../service/refusals'
import type { HttpRequest } from './http-request'

/** The access token a request shows, where its wire family has it (RFC 6750 §2.1; the scheme is case-insensitive). */
export function readToken({ headers }: HttpRequest, authentication: Exclude<Authentication, 'none'>): string {
  if (authentication === 'api-key') return single(headers['x-api-key'])
  const header = headers.authorization?.trim() ?? ''
  if (header === '') throw new LicenseError('MISSING_AUTHORIZATION', 'The Authorization header is missing')
  return /^bearer +(\S+)$/i.exec(header)?.[1] ?? single(undefined)
}

/**
 * Lets a token through to a route.
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when the address is not on its list, or a scope is missing
 */
export function authorizeRoute(token: AccessToken, route: RouteDefinition, request: HttpRequest): void {
  if (!isAddressAllowed(token, request) || !hasScopes(token, route.scopes)) throw forbidden()
}

/**
 * Lets a token through to products.
 * @throws {LicenseError} INSUFFICIENT_PERMISSIONS when one of them is not on its list
 */
export function authorizeProducts(token: AccessToken, productIds: readonly string[]): void {
  if (!productIds.every((productId) => coversProduct(token, productId))) throw forbidden()
}

const blockLists = new WeakMap<readonly string[], BlockList>()

function isAddressAllowed({ allowedAddresses }: AccessToken, { address, addressIsChosen }: HttpRequest): boolean {
  if (allowedAddresses === null) return true
  // Against an address that whoever calls may choose, a list of addresses would protect nothing.
  if (addressIsChosen || address === null) return false
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
