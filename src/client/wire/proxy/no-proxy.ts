import { BlockList, isIP } from 'node:net'

/** `[address]`, or a name, an address or a subnet without colons; then perhaps a port. */
const ENTRY = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/

/**
 * Whether `NO_PROXY` exempts a URL. Pure. Commas or white space separate the entries; each entry is one of
 *
 * - `*`: everything;
 * - a name, with or without a leading `.` or `*.`: that host and every host below it;
 * - an address, with or without brackets for IPv6, or a subnet such as `10.0.0.0/8` or `fd00::/8`. A host name in the URL
 *   is not resolved to an address.
 *
 * A name, an IPv4 address or an address in brackets may end in `:port`. The entry then exempts that port only.
 */
export function isExempt(url: URL, noProxy: string): boolean {
  const host = bareHost(url)
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  return noProxy.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true
    const [, bracketed, plain, onlyPort = port] = ENTRY.exec(entry) ?? [undefined, undefined, entry]
    return onlyPort === port && covers((bracketed ?? plain ?? '').toLowerCase(), host)
  })
}

/** The host as sockets and certificates spell it: without brackets, and without the dot at the end of a full name. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
}

function covers(entry: string, host: string): boolean {
  if (isIP(host) !== 0) return subnetOf(entry)?.check(host, familyOf(host)) ?? false
  const name = entry.replace(/^\*?\./, '').replace(/\.$/, '')
  return name !== '' && (host === name || host.endsWith(`.${name}`))
}

function subnetOf(entry: string): BlockList | undefined {
  const [address = '', prefix = isIP(address) === 6 ? '128' : '32', ...rest] = entry.split('/')
  const longest = isIP(address) === 6 ? 128 : 32
  if (isIP(address) === 0 || rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > longest) return undefined
  const list = new BlockList()
  list.addSubnet(address, Number(prefix), familyOf(address))
  return list
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
