import { describe, expect, it } from 'vitest'
import { decide, type Standing, type VerifiedStanding } from '../../../src/client/check/decide'
import { type Doubt, judgeDoubt } from '../../../src/client/host/judge-doubt'
import type { Contact } from '../../../src/client/store/cache-record'
import { createClaims } from '../token-factory'

const DAY = 86_400
const claims = createClaims()
/** The day on which the doubt was first seen. */
const SEEN = claims.iat + DAY
const good: VerifiedStanding = { kind: 'verified', claims, clock: { state: 'right', time: claims.iat } }
const wrong: Standing = { kind: 'wrong-host', reason: 'TOKEN_WRONG_HOST' }
const changed: Doubt = { kind: 'changed', since: SEEN }
const unread: Doubt = { kind: 'unread', since: SEEN }
const other: Doubt = { kind: 'other' }

function judge(standing: Standing, doubt: Doubt, time: number, code?: Contact['code']) {
  const timed = standing.kind === 'verified' ? { ...standing, clock: { state: 'right', time } as const } : standing
  return judgeDoubt(decide(timed, true, code && { at: SEEN, code }), doubt, time)
}

describe('judgeDoubt', () => {
  it.each<[string, Standing, Doubt, number, string]>([
    ['a changed host, at once', good, changed, SEEN, 'valid HOST_CHANGED usable due'],
    ['a changed host, at its last second', good, changed, SEEN + 7 * DAY - 1, 'valid HOST_CHANGED usable due'],
    ['a changed host, after seven days', good, changed, SEEN + 7 * DAY, 'wrong-host TOKEN_WRONG_HOST due'],
    [
      'a changed host, in grace',
      good,
      { kind: 'changed', since: claims.exp },
      claims.exp,
      'grace HOST_CHANGED usable due',
    ],
    ['an id that cannot be read, on the first day', good, unread, SEEN + DAY - 1, 'valid OK usable'],
    ['an id that cannot be read, later', good, unread, SEEN + DAY, 'valid HOST_CHANGED usable due'],
    ['an id that cannot be read, after seven days', good, unread, SEEN + 7 * DAY, 'wrong-host HOST_ID_UNAVAILABLE due'],
    ['a copy', wrong, other, SEEN, 'wrong-host TOKEN_WRONG_HOST due'],
    ['a revoked license', { kind: 'refused', reason: 'REVOKED' }, changed, SEEN, 'revoked REVOKED'],
    ['an instant that is none', good, { kind: 'changed', since: Number.NaN }, SEEN, 'wrong-host TOKEN_WRONG_HOST due'],
  ])('%s', (_, standing, doubt, time, result) => {
    const { status, reason, usable, refreshDue } = judge(standing, doubt, time)
    expect([status, reason, usable && 'usable', refreshDue && 'due'].filter(Boolean).join(' ')).toBe(result)
  })

  it('promises nothing beyond the seven days, or the end of the license token', () => {
    const end = new Date((SEEN + 7 * DAY) * 1000)
    expect(judge(good, changed, SEEN)).toMatchObject({ tokenExpiresAt: end, graceEndsAt: end })
    const late = judge(good, { kind: 'changed', since: claims.exp - DAY }, claims.exp - DAY)
    expect(late.tokenExpiresAt).toEqual(new Date(claims.exp * 1000))
  })

  it('does not ask for contact that was made in vain', () => {
    expect(judge(wrong, other, SEEN, 'ACTIVATION_LIMIT_REACHED').message).toContain('in use on another computer')
    expect(judge(wrong, other, SEEN, 'SERVER_UNREACHABLE').message).toContain('Please activate on this one')
    expect(judge(good, unread, SEEN + 8 * DAY, 'SERVER_UNREACHABLE').message).toContain('connect to the internet')
  })
})
