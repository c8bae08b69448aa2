import { describe, expect, it } from 'vitest'
import type { Customer } from '../../src/domain/customer'
import { type License, refuseLicense } from '../../src/domain/license'
import {
  type CheckoutRefusal,
  DEFAULT_SESSION_LEASE_SECONDS,
  extendSession,
  hasFreeSeat,
  isLive,
  type NewSession,
  refuseCheckout,
  resumeSession,
  startSession,
} from '../../src/domain/session'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds)

const LICENSE = {
  id: 'lic_1',
  type: 'floating',
  blocked: false,
  expiresAt: null,
  allowedHosts: null,
  maxConcurrentSessions: 2,
  sessionLeaseSeconds: 60,
} as unknown as License
const CUSTOMER = { active: true } as Customer

const NEW_SESSION: NewSession = {
  id: 'ses_1',
  hostId: 'host-1',
  userIdentifier: 'ada',
  deviceTag: null,
  address: null,
  proofKey: null,
  secret: 'secret-1',
  nonce: 'nonce-1',
}
const SESSION = startSession(LICENSE, NEW_SESSION, NOW)

describe('refuseCheckout', () => {
  it.each<[string, Partial<License>, Partial<Customer> | null, CheckoutRefusal | undefined]>([
    ['a license in order', {}, {}, undefined],
    ['no customer', {}, null, undefined],
    ['a blocked license', { blocked: true }, {}, 'blocked'],
    ['an expiry this very millisecond', { expiresAt: NOW }, {}, 'expired'],
    ['an expiry a millisecond from now', { expiresAt: later(1) }, {}, undefined],
    ['a disabled customer', {}, { active: false }, 'customer-inactive'],
    ['a node-locked license', { type: 'node-locked' }, {}, 'wrong-type'],
    ['a host that is allowed', { allowedHosts: ['host-2', 'host-1'] }, {}, undefined],
    ['a host that is not', { allowedHosts: ['host-2'] }, {}, 'host-not-allowed'],
    ['blocked before expired', { blocked: true, expiresAt: NOW }, {}, 'blocked'],
    ['disabled before type', { type: 'node-locked' }, { active: false }, 'customer-inactive'],
    ['type before host', { type: 'node-locked', allowedHosts: [] }, {}, 'wrong-type'],
    ['no seats: not for this rule to say', { maxConcurrentSessions: 0 }, {}, undefined],
  ])('%s', (_name, license, customer, expected) => {
    const holder = customer === null ? null : { ...CUSTOMER, ...customer }
    expect(refuseCheckout({ ...LICENSE, ...license }, holder, 'host-1', NOW)).toBe(expected)
  })

  it('agrees with refuseLicense', () => {
    for (const blocked of [true, false]) {
      for (const expiresAt of [null, NOW, later(1)]) {
        const license = { ...LICENSE, blocked, expiresAt }
        expect(refuseCheckout(license, CUSTOMER, 'host-1', NOW)).toBe(refuseLicense(license, CUSTOMER, NOW))
      }
    }
  })
})

describe('hasFreeSeat', () => {
  it.each([
    [2, 1, true],
    [2, 2, false],
    [2, 3, false],
    [0, 0, false],
    [null, 1e6, true],
  ])('of %s seats, %s taken: %s', (maxConcurrentSessions, live, expected) => {
    expect(hasFreeSeat({ maxConcurrentSessions }, live)).toBe(expected)
  })
})

describe('isLive', () => {
  it('ends at the very millisecond', () => {
    expect([-1, 0, 1].map((milliseconds) => isLive({ expiresAt: NOW }, later(milliseconds)))).toEqual([
      true,
      false,
      false,
    ])
  })
})

describe('a lease', () => {
  it('begins with the checkout and lasts as long as the license says', () => {
    const { expiresAt, ...rest } = SESSION
    expect(rest).toEqual({ ...NEW_SESSION, licenseId: 'lic_1', startedAt: NOW, renewedAt: NOW })
    expect(expiresAt).toEqual(later(60_000))
    const unsaid = startSession({ ...LICENSE, sessionLeaseSeconds: null }, NEW_SESSION, NOW)
    expect(unsaid.expiresAt).toEqual(later(DEFAULT_SESSION_LEASE_SECONDS * 1_000))
  })

  it('never outlasts the license', () => {
    const lapses = (expiresAt: Date) => startSession({ ...LICENSE, expiresAt }, NEW_SESSION, NOW).expiresAt
    expect(lapses(later(59_999))).toEqual(later(59_999))
    expect(lapses(later(60_001))).toEqual(later(60_000))
    expect(extendSession({ ...LICENSE, expiresAt: later(7) }, SESSION, 'nonce-2', later(5)).expiresAt).toEqual(later(7))
  })

  it('begins anew with a heartbeat, under the next nonce', () => {
    expect(extendSession(LICENSE, SESSION, 'nonce-2', later(5))).toEqual({
      ...SESSION,
      nonce: 'nonce-2',
      renewedAt: later(5),
      expiresAt: later(60_005),
    })
  })

  it('begins anew when the seat is checked out again: same session, everything else new', () => {
    const again = { ...NEW_SESSION, id: 'ses_2', secret: 'secret-2', nonce: 'nonce-2', address: '192.0.2.1' }
    expect(resumeSession(LICENSE, SESSION, again, later(5))).toEqual({
      ...SESSION,
      secret: 'secret-2',
      nonce: 'nonce-2',
      address: '192.0.2.1',
      renewedAt: later(5),
      expiresAt: later(60_005),
    })
  })
})
