import { isIP } from 'node:net'

/**
 * An address in the form that we keep and compare; null for what is none, as anything is that a caller put into a header.
 * Some proxies name the port of the caller, too.
 */
export function toAddress(text: string | undefined): string | null {
  const bare = text?.replace(/^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/, '$1').replace(/^\[([^\]]*)\](?::\d{1,5})?$/, '$1')
  // An IPv4 client on an IPv6 socket (RFC 4291 §2.5.5.2), and the zone of a link-local one (RFC 4007 §11).
  const address = bare?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '') ?? ''
  return isIP(address) === 0 ? null : address
}
