import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../../src/domain/event'
import { renderKeymintEvent } from '../../../src/server/events/keymint-envelope'
import { EVENT } from './deliveries'

const told = (changes: Partial<AuditEvent>) => {
  const { type, resource_type, resource_id } = JSON.parse(renderKeymintEvent({ ...EVENT, data: {}, ...changes }))
  return [type, resource_type, resource_id]
}

describe('an event in the envelope of KeyMint', () => {
  it.each<[string, Partial<AuditEvent>, readonly unknown[]]>([
    ['a license', { type: 'license.created' }, ['license.created', 'license', 'lic_one']],
    ['a device', { data: { hostId: 'h' } }, ['device.activated', 'device', 'h']],
    ['all devices', { type: 'license.deactivated', data: { all: true } }, ['device.deactivated', 'license', 'lic_one']],
    ['a seat', { type: 'session.started', data: { hostId: 'h' } }, ['session.started', 'license', 'lic_one']],
    [
      'a customer',
      { type: 'customer.created', data: { customerId: 'c' }, licenseId: null },
      ['customer.created', 'customer', 'c'],
    ],
    [
      'a version',
      { type: 'product-version.created', data: { productId: 'p', versionId: 'v' }, licenseId: null },
      ['product-version.created', 'product_version', 'v'],
    ],
    [
      'a token',
      { type: 'access-token.revoked', data: { tokenId: 't' }, licenseId: null },
      ['access-token.revoked', 'access_token', 't'],
    ],
  ])('names %s as what it is about', (_, event, expected) => {
    expect(told(event)).toEqual(expected)
  })
})
