import { isIP } from 'node:net'

/** An address in the form that we keep and compare; null for what is none, as anything is that a caller put into a header. */
export function toAddress(text: string | undefined): string | null {
  // An IPv4 client on an IPv6 socket (RFC 4291 §2.5.5.2), and the zone of a link-local one (RFC 4007 §11).
  const address = text?.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '').replace(/%.*$/, '') ?? ''
  return isIP(address) === 0 ? null : address
}
