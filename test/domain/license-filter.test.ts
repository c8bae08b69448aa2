import { describe, expect, it } from 'vitest'
import { PLAIN_LICENSE } from '../../src/domain/license'
import { fitsFilter, type LicenseFilter } from '../../src/domain/license-filter'

const END = new Date('2027-01-01')
const before = new Date(END.getTime() - 1)
const after = new Date(END.getTime() + 1)

const license = {
  ...PLAIN_LICENSE,
  id: 'lic_1',
  accountId: 'acct_1',
  key: 'T8XTR-AI21B',
  canonicalKey: 'T8XTR-AI21B',
  productIds: ['prod_1', 'prod_2'],
  customerId: 'cust_1',
  externalId: 'order-1',
  expiresAt: END,
  metadata: { plan: 'team', seats: 3, trial: null },
  createdAt: END,
  updatedAt: END,
}

describe('a license', () => {
  it.each<[LicenseFilter, boolean]>([
    [{}, true],
    [{ productId: 'prod_2' }, true],
    [{ productId: 'prod_3' }, false],
    [{ customerId: 'cust_1', externalId: 'order-1' }, true],
    [{ customerId: 'cust_1', externalId: 'order-2' }, false],
    [{ blocked: false }, true],
    [{ blocked: true }, false],
    [{ expiresFrom: END }, true],
    [{ expiresFrom: after }, false],
    [{ expiresBefore: END }, false],
    [{ expiresBefore: after, expiresFrom: before }, true],
    [{ keyPart: 'ai21' }, true],
    [{ keyPart: 'ai22' }, false],
    [{ metadata: { plan: 'team', seats: 3 } }, true],
    [{ metadata: { plan: 'team', seats: 4 } }, false],
    [{ metadata: { trial: null } }, true],
    [{ metadata: { colour: null } }, false],
    [{ metadata: { toString: 'x' } as never }, false],
  ])('fits %j: %s', (filter, fits) => expect(fitsFilter(license, filter)).toBe(fits))

  it('that never ends does so neither before nor after anything, and without metadata has no field of it', () => {
    const plain = { ...license, expiresAt: null, metadata: null }
    for (const filter of [{ expiresFrom: before }, { expiresBefore: after }, { metadata: { plan: 'team' } }]) {
      expect(fitsFilter(plain, filter)).toBe(false)
    }
    expect(fitsFilter(plain, { metadata: {} })).toBe(true)
  })
})
