import { isIPv6 } from 'node:net'

/**
 * What rate limits know an address by. An IPv6 client has a whole network to choose addresses from, so its /56 network
 * is one key, such as `2001:db8:7::/56`. An IPv4 address in IPv6 notation is the IPv4 address. Any other text is its
 * own key.
 */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address
  const groups = groupsOf(address)
  if (embedsIPv4(groups, address)) return groups.slice(6).flatMap(bytesOf).join('.')
  const [a, b, c, d] = groups.map((group, index) => (index === 3 ? group & 0xff00 : group).toString(16))
  return `${compressed(`${a}:${b}:${c}:${d}::`)}/56`
}

/** The form of RFC 5952, which `URL` gives every IPv6 address; without a zone, which `URL` does not take. */
function compressed(address: string): string {
  return new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname.slice(1, -1)
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const [head, tail] = compressed(address)
    .split('::')
    .map((half) => (half === '' ? [] : half.split(':')))
  const [before, after] = [head ?? [], tail ?? []]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16))
}

/**
 * Whether an IPv4 address is meant: a mapped one (RFC 4291 §2.5.5.2), or a compatible one (§2.5.5.1), which only its dots
 * tell from `::1`.
 */
function embedsIPv4(groups: readonly number[], address: string): boolean {
  if (groups.slice(0, 5).some((group) => group !== 0)) return false
  return groups[5] === 0xffff || (groups[5] === 0 && address.includes('.'))
}

function bytesOf(group: number): readonly number[] {
  return [group >> 8, group & 0xff]
}
