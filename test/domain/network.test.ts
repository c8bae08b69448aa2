import { describe, expect, it } from 'vitest'
import { networkOf } from '../../src/domain/network'

describe('the network of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113'],
    ['::ffff:203.0.113.9', '203.0.113'],
    ['2001:db8:7:1::5', '2001:db8:7'],
    ['2001:0db8:0007:ffff::', '2001:db8:7'],
    ['2001:DB8::1', '2001:db8:0'],
    ['fe80::1%eth0', 'fe80:0:0'],
    ['::1', '0:0:0'],
    ['', ''],
    ['unix', 'unix'],
    [null, ''],
  ])('%s: %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
