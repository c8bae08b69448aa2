/** Of the networks for documents, one of each: no proxy has such an address (RFC 5737, RFC 9637). */
const NOBODYS: readonly (readonly string[])[] = [
  ['192.0.2.53', '198.51.100.53', '203.0.113.53'],
  ['2001:db8:8053::53', '3fff:53::53'],
]

/** No request comes through so many proxies. */
const FAR_HOP = 100

/**
 * True where Express reads the address of a caller from what any caller may write into `X-Forwarded-For`: its setting
 * `trust proxy`, whatever it is (true, networks, a number of hops, a function), trusts addresses that no proxy has, of
 * IPv4 or of IPv6, at a hop where none is.
 *
 * @param trusts what Express makes of the setting, undefined without Express
 */
export function trustsEverybody(trusts: unknown): boolean {
  if (typeof trusts !== 'function') return false
  return NOBODYS.some((addresses) => addresses.every((address) => isTrusted(trusts, address)))
}

/** A function of the host app may fail for an address that it does not know. */
function isTrusted(trusts: object, address: string): boolean {
  try {
    return Boolean((trusts as (address: string, hop: number) => unknown)(address, FAR_HOP))
  } catch {
    return false
  }
}
