import { BlockList, isIPv4 } from 'node:net'

/**
 * Where no webhook of a stranger's may lead: what IANA's special-purpose registries keep off the public internet.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const RESERVED_IPV4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8], // this network, and "any" as a way to say loopback
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // carrier-grade NAT; cloud metadata at Alibaba
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // Azure's platform channel, private though not registered so
  ['169.254.0.0', 16], // link-local; cloud metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments; cloud metadata at Oracle
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
]

/** Parts of 2000::/3 that are not the public internet, or that wrap an IPv4 address. */
const RESERVED_IPV6: readonly (readonly [network: string, prefix: number])[] = [
  ['2001::', 23], // protocol assignments, Teredo among them
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['3fff::', 20], // documentation
]

/** NAT64 as it is on networks without IPv4, where it is how the public IPv4 internet is reached. */
const NAT64 = '64:ff9b::'

const reserved = new BlockList()
const routable = new BlockList()
routable.addSubnet('2000::', 3, 'ipv6')
routable.addSubnet(NAT64, 96, 'ipv6')
for (const [network, prefix] of RESERVED_IPV4) {
  reserved.addSubnet(network, prefix, 'ipv4')
  reserved.addSubnet(NAT64 + network, 96 + prefix, 'ipv6')
}
for (const [network, prefix] of RESERVED_IPV6) reserved.addSubnet(network, prefix, 'ipv6')

/**
 * True for an address of the public internet. Of IPv6 only what is known to be public is: loopback, local, multicast
 * and IPv4 in IPv6 clothes fall out by not being on that list.
 * @param address an IP address as the resolver gives it, without brackets
 */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !reserved.check(address, 'ipv4')
  // With a zone it is an address of this machine's networks.
  return !address.includes('%') && routable.check(address, 'ipv6') && !reserved.check(address, 'ipv6')
}
