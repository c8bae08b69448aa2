import { isIP, isIPv6 } from 'node:net'
import { LENGTHS } from '../../protocol/bounds'
import { LicenseError } from '../../protocol/license-error'
import { isPublicAddress } from './public-address'

const [, MAX_URL_LENGTH] = LENGTHS.url

/** Names of hosts, spelled as `URL.hostname` does. */
export type HostNames = ReadonlySet<string>

/**
 * The option `allowedPrivateHosts`: hosts that webhooks may reach although they are private, and over plain `http:`.
 * @throws {TypeError} on what is no bare host name or address
 */
export function parseAllowedPrivateHosts(hosts: readonly string[]): HostNames {
  return new Set(hosts.map(parseHost))
}

function parseHost(host: string): string {
  const bracketed = isIPv6(host) ? `[${host}]` : host
  const url = URL.canParse(`http://${bracketed}`) ? new URL(`http://${bracketed}`) : undefined
  const isBare = /^\[[^\]]+\]$|^[^:/?#@\\]+$/.test(bracketed)
  if (url === undefined || !isBare) {
    throw new TypeError(`allowedPrivateHosts: ${JSON.stringify(host)} is not a host name or address without a port`)
  }
  return url.hostname
}

/**
 * A webhook's URL, if events may be sent there as far as can be told without asking the DNS, which is asked at every
 * attempt.
 * @throws {LicenseError} INVALID_REQUEST with field `url`
 */
export function parseWebhookUrl(text: string, allowedPrivateHosts: HostNames): URL {
  if (text.length > MAX_URL_LENGTH) throw refused(`is longer than ${MAX_URL_LENGTH} characters`)
  if (!URL.canParse(text)) throw refused('is not a URL')
  const url = new URL(text)
  const isAllowed = allowedPrivateHosts.has(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isAllowed)) throw refused('must start with https:')
  if (url.username !== '' || url.password !== '') throw refused('must not hold a user name or password')
  const host = bareHost(url)
  if (isIP(host) !== 0 && !isAllowed && !isPublicAddress(host)) throw refused('leads to a private address')
  return url
}

/** The host as a resolver or a socket takes it: IPv6 without brackets. */
function bareHost({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

function refused(problem: string): LicenseError {
  return new LicenseError('INVALID_REQUEST', `The webhook's url ${problem}`, { detail: { field: 'url' } })
}
