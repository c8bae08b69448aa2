import { describe, expect, it } from 'vitest'
import { type Activation, startActivation } from '../../src/domain/activation'
import type { Customer } from '../../src/domain/customer'
import { cleanableAt, isExpired, isSoldFor, type License, PLAIN_LICENSE, refuseLicense } from '../../src/domain/license'
import type { Product } from '../../src/domain/product'
import type { Proof } from '../../src/domain/proof'
import { type ClaimRefusal, lacksProof, refuseClaim } from '../../src/domain/refuse-claim'
import { hostKey } from './host-key'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const BEFORE = new Date(NOW.getTime() - 1)
const AFTER = new Date(NOW.getTime() + 1)

const LICENSE: License = {
  id: 'lic_1',
  accountId: 'acct_1',
  key: 'key-1',
  canonicalKey: 'KEY-1',
  productIds: ['prod_1', 'prod_2'],
  ...PLAIN_LICENSE,
  customerId: 'cus_1',
  maxActivations: 2,
  activationCount: 1,
  createdAt: NOW,
  updatedAt: NOW,
}

const CUSTOMER: Customer = {
  id: 'cus_1',
  accountId: 'acct_1',
  name: 'Ada',
  email: null,
  active: true,
  createdBy: 'api',
  createdAt: NOW,
  updatedAt: NOW,
}

const PRODUCT: Product = {
  id: 'prod_1',
  accountId: 'acct_1',
  packageId: 1,
  name: 'Editor',
  active: true,
  offlineLifetimeSeconds: 1,
  graceSeconds: 1,
  entitlements: [],
  requireProof: false,
  selfService: false,
  onClone: 'event',
  trialSeconds: null,
  usersPerHost: null,
  authtoolClient: null,
  createdAt: NOW,
}

const ACTIVATION: Activation = startActivation(
  LICENSE,
  PRODUCT,
  { id: 'act_1', hostId: 'host-1', deviceTag: null, address: null, appVersion: null, licensee: null, jti: 'jti_1' },
  0,
  NOW,
)

/** What a slot knows of keys that was made by `key-1`. */
const BOUND = { keys: [hostKey('key-1', NOW, AFTER)], keylessEndAt: null }

interface Situation {
  readonly license?: Partial<License>
  readonly customer?: Partial<Customer> | null
  readonly activation?: Partial<Activation>
  readonly product?: Partial<Product>
  readonly proof?: Proof
}

function refusal({ license, customer, activation, product, proof }: Situation): ClaimRefusal | undefined {
  const rows = {
    license: { ...LICENSE, ...license },
    product: { ...PRODUCT, ...product },
    customer: customer === null ? null : { ...CUSTOMER, ...customer },
    activation: activation === undefined ? null : { ...ACTIVATION, ...activation },
  }
  return refuseClaim(rows, { hostId: 'host-1', ...proof }, NOW)
}

describe('refuseClaim', () => {
  it.each<[string, Situation, ClaimRefusal | undefined]>([
    ['a license in order', {}, undefined],
    ['no customer', { customer: null }, undefined],
    ['the last slot', { license: { activationCount: 1, maxActivations: 2 } }, undefined],
    ['no slot left', { license: { activationCount: 2 } }, 'limit-reached'],
    ['a limit lowered below the count', { license: { activationCount: 3 } }, 'limit-reached'],
    ['no limit', { license: { activationCount: 1e6, maxActivations: null } }, undefined],
    ['a limit of none', { license: { activationCount: 0, maxActivations: 0 } }, 'limit-reached'],
    ['a host with a slot, at the limit', { license: { activationCount: 2 }, activation: {} }, undefined],
    ['a host whose time has run out', { activation: { expiresAt: NOW } }, 'expired'],
    ['a host whose time has not', { activation: { expiresAt: AFTER } }, undefined],
    ['an expiry this very millisecond', { license: { expiresAt: NOW } }, 'expired'],
    ['an expiry a millisecond from now', { license: { expiresAt: AFTER } }, undefined],
    ['a disabled customer', { customer: { active: false } }, 'customer-inactive'],
    ['a floating license', { license: { type: 'floating' } }, 'wrong-type'],
    ['a host that is allowed', { license: { allowedHosts: ['host-2', 'host-1'] } }, undefined],
    ['a host that is not', { license: { allowedHosts: ['host-2'] } }, 'host-not-allowed'],
    ['no host allowed', { license: { allowedHosts: [] }, activation: {} }, 'host-not-allowed'],
    [
      'blocked before all else',
      { license: { blocked: true, expiresAt: BEFORE }, customer: { active: false } },
      'blocked',
    ],
    ['expired before disabled', { license: { expiresAt: BEFORE }, customer: { active: false } }, 'expired'],
    ['disabled before type', { license: { type: 'floating' }, customer: { active: false } }, 'customer-inactive'],
    ['type before host', { license: { type: 'floating', allowedHosts: [] } }, 'wrong-type'],
    ['host before limit', { license: { allowedHosts: [], activationCount: 2 } }, 'host-not-allowed'],
    ['a bound host without a key', { activation: BOUND }, 'proof-required'],
    ['a bound host with its key', { activation: BOUND, proof: { proofKey: 'key-1' } }, undefined],
    ['a bound host with another key', { activation: BOUND, proof: { proofKey: 'key-2' } }, undefined],
    ['a bound host, for the vendor', { activation: BOUND, proof: { trusted: true } }, undefined],
    ['a slot that rested, without its key', { activation: { ...BOUND, surrenderedAt: BEFORE } }, undefined],
    ['no key for a product that asks for one', { product: { requireProof: true } }, 'proof-required'],
    ['a key for a product that asks for one', { product: { requireProof: true }, proof: { proofKey: 'k' } }, undefined],
    [
      'host before proof',
      { license: { allowedHosts: [] }, product: { requireProof: true }, activation: BOUND },
      'host-not-allowed',
    ],
    ['proof before the time of the host', { activation: { ...BOUND, expiresAt: NOW } }, 'proof-required'],
    ['the time of the host, once proven', { activation: { expiresAt: NOW }, proof: { proofKey: 'k' } }, 'expired'],
    ['proof before limit', { license: { activationCount: 2 }, product: { requireProof: true } }, 'proof-required'],
  ])('%s', (_name, situation, expected) => {
    expect(refusal(situation)).toBe(expected)
  })

  it('agrees with refuseLicense', () => {
    for (const blocked of [true, false]) {
      for (const expiresAt of [null, BEFORE, NOW, AFTER]) {
        for (const active of [true, false]) {
          const license = { ...LICENSE, blocked, expiresAt }
          const customer = { ...CUSTOMER, active }
          const expected = refuseLicense(license, customer, NOW)
          const rows = { license, product: PRODUCT, customer, activation: null }
          expect(refuseClaim(rows, { hostId: 'host-1' }, NOW)).toBe(expected)
        }
      }
    }
  })
})

describe('lacksProof', () => {
  const bound = { ...BOUND, surrenderedAt: null }
  const unbound = { keys: [], keylessEndAt: null, surrenderedAt: null }
  const resting = { ...BOUND, surrenderedAt: NOW }

  it.each<[string, boolean, Parameters<typeof lacksProof>[1], Proof, boolean]>([
    ['a host without a slot', false, null, {}, false],
    ['a host that is not bound', false, unbound, {}, false],
    ['a bound host that shows no key', false, bound, {}, true],
    ['a bound host that shows none, and says so', false, bound, { proofKey: null }, true],
    ['a bound host that shows its key', false, bound, { proofKey: 'key-1' }, false],
    ['a bound host that shows another key', false, bound, { proofKey: 'key-2' }, false],
    [
      'no key, for a host that has tokens from before it showed one',
      false,
      { ...bound, keylessEndAt: AFTER },
      {},
      false,
    ],
    ['no key, once those have ended', false, { ...bound, keylessEndAt: NOW }, {}, true],
    ['the vendor, for a bound host', false, bound, { trusted: true }, false],
    ['a host whose slot rests', false, resting, {}, false],
    ['a host without a slot, where the product asks', true, null, {}, true],
    ['a host that is not bound, where the product asks', true, unbound, {}, true],
    ['a host whose slot rests, where the product asks', true, resting, {}, true],
    ['any key, where the product asks', true, null, { proofKey: 'key-1' }, false],
    ['the vendor, where the product asks', true, bound, { trusted: true }, false],
  ])('%s', (_name, requireProof, activation, proof, expected) => {
    expect(lacksProof({ requireProof }, activation, proof, NOW)).toBe(expected)
  })
})

describe('isExpired', () => {
  it('begins at the very millisecond', () => {
    expect([BEFORE, NOW, AFTER, null].map((expiresAt) => isExpired(expiresAt, NOW))).toEqual([true, true, false, false])
  })
})

describe('isSoldFor', () => {
  it.each<[string, Product | null, string, boolean]>([
    ['its first product', PRODUCT, 'acct_1', true],
    ['its second product', { ...PRODUCT, id: 'prod_2' }, 'acct_1', true],
    ['another product', { ...PRODUCT, id: 'prod_3' }, 'acct_1', false],
    ['an inactive product', { ...PRODUCT, active: false }, 'acct_1', false],
    ['a product of another account', { ...PRODUCT, accountId: 'acct_2' }, 'acct_1', false],
    ['its product, for another account', PRODUCT, 'acct_2', false],
    ['no product', null, 'acct_1', false],
  ])('%s', (_name, product, accountId, expected) => {
    expect(isSoldFor(LICENSE, product, accountId)).toBe(expected)
  })
})

describe('cleanableAt', () => {
  it('is the expiry, or an hour after creation, or never', () => {
    expect(cleanableAt({ ...LICENSE, cleanable: false, expiresAt: BEFORE })).toBeNull()
    expect(cleanableAt({ ...LICENSE, cleanable: true, expiresAt: AFTER })).toEqual(AFTER)
    expect(cleanableAt({ ...LICENSE, cleanable: true })).toEqual(new Date('2026-03-01T13:00:00.000Z'))
  })

  it('is a year after its end for a trial, unless it was sold', () => {
    const trial = {
      ...LICENSE,
      canonicalKey: 'TRIAL-4Q7ZK',
      customerId: null,
      metadata: { trial: true },
      expiresAt: NOW,
    }
    expect(cleanableAt(trial)).toEqual(new Date(NOW.getTime() + 365 * 86_400_000))
    expect(cleanableAt({ ...trial, expiresAt: null })).toBeNull()
    expect(cleanableAt({ ...trial, customerId: 'cus_1' })).toBeNull()
    expect(cleanableAt({ ...trial, metadata: null })).toBeNull()
    expect(cleanableAt({ ...trial, canonicalKey: 'PAID-4Q7ZK' })).toBeNull()
  })
})
