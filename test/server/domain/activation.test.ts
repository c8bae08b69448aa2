import { describe, expect, it } from 'vitest'
import {
  type Activation,
  isLastSeenStale,
  LAST_SEEN_INTERVAL_MS,
  type NewActivation,
  seeActivation,
  startActivation,
  tokenId,
} from '../../../src/server/domain/activation'
import type { License } from '../../../src/server/domain/license'
import type { Product } from '../../../src/server/domain/product'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds)

const LICENSE = { id: 'lic_1', activationDuration: null, expiresAt: null, tokenGeneration: 0 } as License
const PRODUCT = { offlineLifetimeSeconds: 1_000, graceSeconds: 100 } as Product

/** Until when a token given out at `NOW` is of use: 1,100 s, five minutes for a slow clock, five for the next write. */
const TOKENS_END_AT = later(1_100_000 + 300_000 + LAST_SEEN_INTERVAL_MS)

const NEW_ACTIVATION: NewActivation = {
  id: 'act_1',
  hostId: 'host-1',
  deviceTag: null,
  address: null,
  appVersion: null,
  licensee: { name: 'Ada', email: null },
  jti: 'jti_1',
}
const ACTIVATION: Activation = startActivation(LICENSE, PRODUCT, NEW_ACTIVATION, NOW)

describe('startActivation', () => {
  it('starts now, for as long as the license unless it says otherwise', () => {
    expect(ACTIVATION).toEqual({
      ...NEW_ACTIVATION,
      licenseId: 'lic_1',
      activatedAt: NOW,
      lastSeenAt: NOW,
      tokensEndAt: TOKENS_END_AT,
      expiresAt: null,
    })
    expect(startActivation({ ...LICENSE, expiresAt: later(1) }, PRODUCT, NEW_ACTIVATION, NOW).expiresAt).toBeNull()
  })

  it('gives a host its own time, never past the license', () => {
    const license = { ...LICENSE, activationDuration: { amount: 1, unit: 'day' } as const }
    const expiry = (expiresAt: Date | null) =>
      startActivation({ ...license, expiresAt }, PRODUCT, NEW_ACTIVATION, NOW).expiresAt
    expect(expiry(null)).toEqual(new Date('2026-03-02T12:00:00.000Z'))
    expect(expiry(later(1))).toEqual(later(1))
    expect(expiry(new Date('2027-01-01T00:00:00.000Z'))).toEqual(new Date('2026-03-02T12:00:00.000Z'))
  })
})

describe('seeActivation', () => {
  it('moves both instants on, and nothing else', () => {
    expect(seeActivation(ACTIVATION, PRODUCT, later(5))).toEqual({
      ...ACTIVATION,
      lastSeenAt: later(5),
      tokensEndAt: new Date(TOKENS_END_AT.getTime() + 5),
    })
  })

  it('takes neither back: not for a clock that is behind, nor for a product whose tokens last less now', () => {
    expect(seeActivation(ACTIVATION, PRODUCT, later(-1))).toEqual(ACTIVATION)
    const brief = { ...PRODUCT, offlineLifetimeSeconds: 1, graceSeconds: 0 }
    expect(seeActivation(ACTIVATION, brief, later(5))).toEqual({ ...ACTIVATION, lastSeenAt: later(5) })
  })

  it('covers every token that is given out before the next write', () => {
    const lastUnwritten = later(LAST_SEEN_INTERVAL_MS - 1)
    expect(isLastSeenStale(ACTIVATION, lastUnwritten)).toBe(false)
    const usableUntil = lastUnwritten.getTime() + 1_100_000 + 300_000
    expect(ACTIVATION.tokensEndAt.getTime()).toBeGreaterThan(usableUntil)
  })
})

describe('tokenId', () => {
  it('is one for all renewals of an activation, and another once its license was blocked', () => {
    const seen = seeActivation(ACTIVATION, PRODUCT, later(1e9))
    expect([tokenId(LICENSE, ACTIVATION), tokenId(LICENSE, seen)]).toEqual(['jti_1.0', 'jti_1.0'])
    expect(tokenId({ tokenGeneration: 12 }, ACTIVATION)).toBe('jti_1.12')
  })
})

describe('isLastSeenStale', () => {
  it('is true from five minutes on', () => {
    expect(isLastSeenStale(ACTIVATION, later(299_999))).toBe(false)
    expect(isLastSeenStale(ACTIVATION, later(300_000))).toBe(true)
    expect(isLastSeenStale(ACTIVATION, later(-300_000))).toBe(false)
  })
})
