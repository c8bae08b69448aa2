import { describe, expect, it } from 'vitest'
import type { SeatGrant } from '../../../src/client/floating/seat-requests'
import { leaseMs, renewalPauseMs, retryPauseMs } from '../../../src/client/floating/seat-timetable'
import { NOW } from '../token-factory'

const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)
const HOUR = 3_600

function grant(changes: Partial<SeatGrant> = {}): SeatGrant {
  return {
    sessionId: 's',
    secret: 'x',
    nonce: 'n',
    expiresAt: later(900),
    serverTime: NOW,
    heartbeatIntervalMs: 300_000,
    metadata: null,
    currentSessions: 1,
    maxSessions: null,
    ...changes,
  }
}

describe('leaseMs', () => {
  it("goes by the server's clock, less the second its Date header rounds away", () => {
    for (const skew of [-5 * HOUR, 0, 5 * HOUR]) expect(leaseMs(grant(), () => later(skew))).toBe(899_000)
    expect(leaseMs(grant({ expiresAt: later(-60) }), () => NOW)).toBe(0)
  })

  it('without it by this clock, but never shorter than the interval', () => {
    const blind = grant({ serverTime: undefined })
    expect(leaseMs(blind, () => later(100))).toBe(800_000)
    expect(leaseMs(blind, () => later(5 * HOUR))).toBe(300_000)
  })
})

describe('renewalPauseMs', () => {
  it('is the interval less up to a fifth, within the first half of the lease, and never a storm', () => {
    expect(renewalPauseMs(899_000, grant(), 0)).toBe(300_000)
    expect(renewalPauseMs(899_000, grant(), 0.999)).toBeGreaterThan(240_000)
    expect(renewalPauseMs(300_000, grant(), 0)).toBe(150_000)
    for (const lease of [0, 1, 500, 1_999]) expect(renewalPauseMs(lease, grant(), 0.5)).toBe(1_000)
    expect(renewalPauseMs(899_000, grant({ heartbeatIntervalMs: 0.001 }), 0.5)).toBe(1_000)
  })
})

describe('retryPauseMs', () => {
  it('doubles up to a minute, spread over its second half, and honours Retry-After up to five', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 7, 50, 5_000].map((failures) => retryPauseMs(failures, 0, 0.999))
    expect(pauses.map((pause) => Math.round(pause / 1000))).toEqual([2, 4, 8, 16, 32, 60, 60, 60, 60])
    expect(retryPauseMs(1, 0, 0)).toBe(1_000)
    expect(retryPauseMs(1, 120_000, 0)).toBe(120_000)
    expect(retryPauseMs(1, 86_400_000, 0)).toBe(300_000)
  })
})
