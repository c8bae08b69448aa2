import { ipKeyGenerator } from 'express-rate-limit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addressKey } from '../../../src/server/http/address-key'

describe('what rate limits know an address by', () => {
  it.each([
    ['an IPv4 address', '198.51.100.1', '198.51.100.1'],
    ['the /56 network of an IPv6 address', '2001:db8:7:7ff::1', '2001:db8:7:700::/56'],
    ['the same, however it is written', '2001:0DB8:0007:07aa:1:2:3:4', '2001:db8:7:700::/56'],
    ['the shortest form of a network', '2001:db8::1', '2001:db8::/56'],
    ['loopback as a network', '::1', '::/56'],
    ['a link-local address, whatever its zone', 'fe80::1%eth0', 'fe80::/56'],
    ['a mapped IPv4 address', '::ffff:198.51.100.1', '198.51.100.1'],
    ['a mapped IPv4 address without dots', '0:0:0:0:0:ffff:c633:6401', '198.51.100.1'],
    ['a compatible IPv4 address', '::198.51.100.1', '198.51.100.1'],
    ['what is no address', 'unknown', 'unknown'],
  ])('is %s: %s', (_, address, key) => {
    expect(addressKey(address)).toBe(key)
  })

  it('is what express-rate-limit makes of it: servers of both kinds may share a store', () => {
    const anyForm = fc
      .tuple(fc.ipV6(), fc.boolean())
      .map(([address, upper]) => (upper ? address.toUpperCase() : address))
    fc.assert(fc.property(anyForm, (address) => addressKey(address) === ipKeyGenerator(address)))
  })
})
