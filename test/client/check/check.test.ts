import { describe, expect, it } from 'vitest'
import { decide, type Standing } from '../../../src/client/check/decide'
import type { ClockState } from '../../../src/client/trust/judge-clock'
import type { LicenseTokenClaims } from '../../../src/protocol'
import { createClaims, DAY, LICENSE_KEY } from '../token-factory'

const base = createClaims()
const { iat, exp } = base

function standing(changes: Partial<LicenseTokenClaims['license']> = {}, state: ClockState = 'right') {
  const claims = { ...base, license: { ...base.license, ...changes } }
  return (time: number): Standing => ({ kind: 'verified', claims, clock: { state, time } })
}

function at(seconds: number): Date {
  return new Date(seconds * 1000)
}

function iso(seconds: number): string {
  return at(seconds).toISOString()
}

describe('decide', () => {
  it.each<[string, (time: number) => Standing, number, string, string, boolean]>([
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
    ['behind a signed time', standing({}, 'behind-signed'), iat + DAY, 'clock-tampered', 'CLOCK_BEHIND', true],
    ['behind, the budget spent', standing({}, 'spent'), iat + DAY, 'clock-tampered', 'CLOCK_BEHIND', true],
    ['behind, on the budget', standing({}, 'budget'), iat + DAY, 'valid', 'OK', true],
    ['on the budget, after grace', standing({}, 'budget'), exp + 7 * DAY, 'expired', 'TOKEN_EXPIRED', true],
    ['an invalid clock', standing(), Number.NaN, 'expired', 'TOKEN_EXPIRED', true],
    [
      'an invalid clock, where token and license end together',
      standing({ expiresAt: iso(exp) }),
      Number.NaN,
      'expired',
      'TOKEN_EXPIRED',
      true,
    ],
  ])('%s', (_, known, time, status, reason, refreshDue) => {
    const check = decide(known(time), true)
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
    expect(decide(known, true)).toMatchObject({ status, usable: false, license: null, expiresAt: null })
  })

  it('dates: grace never passes the license end', () => {
    expect(decide(standing({ expiresAt: iso(exp + DAY) })(iat), true)).toMatchObject({
      expiresAt: at(exp + DAY),
      tokenExpiresAt: at(exp),
      graceEndsAt: at(exp + DAY),
      refreshAfter: at(iat + 7 * DAY),
    })
    expect(decide(standing()(iat), true)).toMatchObject({ expiresAt: null, graceEndsAt: at(exp + 7 * DAY) })
  })
})
