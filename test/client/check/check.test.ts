import { describe, expect, it } from 'vitest'
import { decide, raiseMark, type Standing } from '../../../src/client/check/decide'
import type { LicenseTokenClaims } from '../../../src/protocol'
import { createClaims, DAY, LICENSE_KEY, NOW } from '../token-factory'

const base = createClaims()
const { iat, exp } = base

function standing(changes: Partial<LicenseTokenClaims['license']> = {}, highestTimeSeen = iat): Standing {
  return { kind: 'verified', claims: { ...base, license: { ...base.license, ...changes } }, highestTimeSeen }
}

function at(seconds: number): Date {
  return new Date(seconds * 1000)
}

function iso(seconds: number): string {
  return at(seconds).toISOString()
}

describe('decide', () => {
  it.each<[string, Standing, number, string, string, boolean]>([
    ['at issue', standing(), iat, 'valid', 'OK', false],
    ['before refreshAfter', standing(), iat + 7 * DAY - 1, 'valid', 'OK', false],
    ['from refreshAfter', standing(), iat + 7 * DAY, 'valid', 'OK', true],
    ['a second before exp', standing(), exp - 1, 'valid', 'OK', true],
    ['at exp', standing(), exp, 'grace', 'TOKEN_EXPIRED', true],
    ['a second before the end of grace', standing(), exp + 7 * DAY - 1, 'grace', 'TOKEN_EXPIRED', true],
    ['at the end of grace', standing(), exp + 7 * DAY, 'expired', 'TOKEN_EXPIRED', true],
    ['at exp without grace', standing({ graceSeconds: 0 }), exp, 'expired', 'TOKEN_EXPIRED', true],
    ['400 days ahead', standing(), iat + 400 * DAY, 'expired', 'TOKEN_EXPIRED', true],
    ['at exp when the license ends there', standing({ expiresAt: iso(exp) }), exp, 'expired', 'LICENSE_EXPIRED', true],
    [
      'in grace, license not over',
      standing({ expiresAt: iso(exp + DAY) }),
      exp + DAY - 1,
      'grace',
      'TOKEN_EXPIRED',
      true,
    ],
    ['in grace, license over', standing({ expiresAt: iso(exp + DAY) }), exp + DAY, 'expired', 'LICENSE_EXPIRED', true],
    [
      'before exp, license over',
      standing({ expiresAt: iso(iat + DAY) }),
      iat + DAY,
      'expired',
      'LICENSE_EXPIRED',
      true,
    ],
    ['300 s behind iat', standing(), iat - 300, 'valid', 'OK', false],
    ['301 s behind iat', standing(), iat - 301, 'clock-tampered', 'CLOCK_BEHIND', true],
    ['10 days behind', standing(), iat - 10 * DAY, 'clock-tampered', 'CLOCK_BEHIND', true],
    ['300 s behind the mark', standing({}, iat + DAY), iat + DAY - 300, 'valid', 'OK', false],
    ['301 s behind the mark', standing({}, iat + DAY), iat + DAY - 301, 'clock-tampered', 'CLOCK_BEHIND', true],
    ['the mark counts as time', standing({}, exp), exp - 100, 'grace', 'TOKEN_EXPIRED', true],
    ['rolled back after expiry', standing({}, exp), iat + DAY, 'clock-tampered', 'CLOCK_BEHIND', true],
    ['an invalid clock', standing(), Number.NaN, 'expired', 'TOKEN_EXPIRED', true],
  ])('%s', (_, known, now, status, reason, refreshDue) => {
    const check = decide(known, at(now), true)
    expect([check.status, check.reason, check.refreshDue]).toEqual([status, reason, refreshDue])
    expect(check.usable).toBe(status === 'valid' || status === 'grace')
    expect(check.message).toMatch(/^[A-Z].+\.$/)
    expect(check.license).toMatchObject({ entitlements: ['export'], customerName: 'Ada', maskedKey: '…5SB5' })
    expect(JSON.stringify(check)).not.toContain(LICENSE_KEY)
  })

  it.each<[Standing, string]>([
    [{ kind: 'none', reason: 'NO_LICENSE' }, 'not-activated'],
    [{ kind: 'none', reason: 'CACHE_CORRUPT' }, 'not-activated'],
    [{ kind: 'refused', reason: 'LICENSE_BLOCKED' }, 'revoked'],
    [{ kind: 'wrong-host', reason: 'TOKEN_WRONG_HOST' }, 'wrong-host'],
    [{ kind: 'wrong-product' }, 'wrong-product'],
    [{ kind: 'untrusted', reason: 'TOKEN_SIGNATURE' }, 'untrusted'],
  ])('%o', (known, status) => {
    expect(decide(known, NOW, true)).toMatchObject({ status, usable: false, license: null, expiresAt: null })
  })

  it('dates: grace never passes the license end', () => {
    expect(decide(standing({ expiresAt: iso(exp + DAY) }), NOW, true)).toMatchObject({
      expiresAt: at(exp + DAY),
      tokenExpiresAt: at(exp),
      graceEndsAt: at(exp + DAY),
      refreshAfter: at(iat + 7 * DAY),
    })
    expect(decide(standing(), NOW, true)).toMatchObject({ expiresAt: null, graceEndsAt: at(exp + 7 * DAY) })
  })

  it('grants no second beyond token and grace, whatever the clock does', () => {
    let mark = iat
    let grantedBehindMark = 0
    const jumps = [0, 5 * DAY, 2 * DAY, 400 * DAY, 3 * DAY, 13 * DAY, 20 * DAY, 14 * DAY - 600]
    for (const jump of jumps) {
      const now = at(iat + jump)
      const check = decide(standing({}, mark), now, true)
      if (check.usable && iat + jump < mark - 300) grantedBehindMark++
      if (check.status !== 'clock-tampered') mark = raiseMark(mark, base, now)
    }
    expect(grantedBehindMark).toBe(0)
  })
})

describe('raiseMark', () => {
  it('follows the clock to exp and no further, never back', () => {
    expect(raiseMark(iat, base, at(iat + DAY + 0.9))).toBe(iat + DAY)
    expect(raiseMark(iat, base, at(iat + 400 * DAY))).toBe(exp)
    expect(raiseMark(iat + DAY, base, at(iat))).toBe(iat + DAY)
    expect(raiseMark(exp + DAY, base, at(iat))).toBe(exp + DAY)
  })

  it('follows it through grace, so that no second of grace is granted twice, and not past it', () => {
    expect(raiseMark(iat, base, at(exp + 6 * DAY))).toBe(exp + 6 * DAY)
    expect(raiseMark(iat, base, at(exp + 7 * DAY))).toBe(exp)
    expect(decide(standing({}, exp + 6 * DAY), at(exp + DAY), true).status).toBe('clock-tampered')
  })

  it('an invalid clock leaves none', () => {
    expect(raiseMark(iat + DAY, base, at(Number.NaN))).toBe(iat + DAY)
  })
})
