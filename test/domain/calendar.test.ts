import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { spend } from '../../src/domain/allowance'
import { addDuration, earliest } from '../../src/domain/calendar'
import { CALENDAR_UNITS, type CalendarUnit } from '../../src/protocol/enumerations'

function plus(from: string, amount: number, unit: CalendarUnit): string {
  return addDuration(new Date(from), { amount, unit }).toISOString()
}

/** Instants whose months ahead still fit into a Date. */
const instants = fc.date({
  min: new Date('1970-01-01T00:00:00.000Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})

describe('addDuration', () => {
  it.each([
    ['2026-01-31T12:34:56.789Z', 1, 'month', '2026-02-28T12:34:56.789Z'],
    ['2028-01-31T12:34:56.789Z', 1, 'month', '2028-02-29T12:34:56.789Z'],
    ['2100-01-31T00:00:00.000Z', 1, 'month', '2100-02-28T00:00:00.000Z'],
    ['2000-01-31T00:00:00.000Z', 1, 'month', '2000-02-29T00:00:00.000Z'],
    ['2026-03-31T00:00:00.000Z', 1, 'month', '2026-04-30T00:00:00.000Z'],
    ['2026-01-31T00:00:00.000Z', 2, 'month', '2026-03-31T00:00:00.000Z'],
    ['2026-11-30T00:00:00.000Z', 3, 'month', '2027-02-28T00:00:00.000Z'],
    ['2028-02-29T23:59:59.999Z', 1, 'year', '2029-02-28T23:59:59.999Z'],
    ['2028-02-29T23:59:59.999Z', 4, 'year', '2032-02-29T23:59:59.999Z'],
    ['2026-03-15T00:00:00.000Z', 1, 'year', '2027-03-15T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', 1, 'month', '+010000-01-31T23:59:59.999Z'],
    ['2026-01-01T00:00:00.000Z', 9_999, 'year', '+012025-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00.000Z', 1, 'week', '2026-01-08T00:00:00.000Z'],
    ['2026-12-31T23:00:00.000Z', 1, 'hour', '2027-01-01T00:00:00.000Z'],
  ] as const)('%s plus %d %s is %s', (from, amount, unit, expected) => {
    expect(plus(from, amount, unit)).toBe(expected)
  })

  it('counts days of 24 hours, whatever the clocks of the place do', () => {
    // Clocks in Berlin go forward on 29 March 2026 and back on 25 October.
    expect(plus('2026-03-28T12:00:00.000Z', 1, 'day')).toBe('2026-03-29T12:00:00.000Z')
    expect(plus('2026-10-24T12:00:00.000Z', 1, 'day')).toBe('2026-10-25T12:00:00.000Z')
  })

  it('leaves the instant it started from alone', () => {
    const from = new Date('2026-01-31T00:00:00.000Z')
    for (const unit of CALENDAR_UNITS) addDuration(from, { amount: 1, unit })
    expect(from.toISOString()).toBe('2026-01-31T00:00:00.000Z')
  })

  it('lands in the month meant, on the same day or the last one, at the same time of day', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 1_200 }), (from, amount) => {
        const to = addDuration(from, { amount, unit: 'month' })
        const months = (instant: Date) => 12 * instant.getUTCFullYear() + instant.getUTCMonth()
        expect(months(to)).toBe(months(from) + amount)
        expect(to.getTime() % 86_400_000).toBe(from.getTime() % 86_400_000)
        if (to.getUTCDate() !== from.getUTCDate()) {
          expect(to.getUTCDate()).toBeLessThan(from.getUTCDate())
          expect(new Date(to.getTime() + 86_400_000).getUTCDate()).toBe(1)
        }
      }),
    )
  })

  it('never goes back when more is added', () => {
    fc.assert(
      fc.property(instants, fc.nat(1_000), fc.nat(1_000), fc.constantFrom(...CALENDAR_UNITS), (from, a, b, unit) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)]
        expect(addDuration(from, { amount: less, unit }) <= addDuration(from, { amount: more, unit })).toBe(true)
      }),
    )
  })
})

describe('earliest', () => {
  it('takes null for never', () => {
    const [early, late] = [new Date(1), new Date(2)]
    expect(earliest(late, early)).toBe(early)
    expect(earliest(null, late, null)).toBe(late)
    expect(earliest(null, null)).toBeNull()
    expect(earliest()).toBeNull()
  })
})

describe('the last instant there is', () => {
  const last = new Date(8.64e15)

  it.each(['hour', 'day', 'week', 'month', 'year'] as const)('is what a %s more comes to', (unit) => {
    expect(addDuration(last, { amount: 9999, unit })).toEqual(last)
    expect(addDuration(new Date(8.64e15 - 1), { amount: 1, unit })).toEqual(last)
  })

  it('is when an allowance is to be had again that was used up then', () => {
    const spent = [{ unit: 'a', at: last }]
    expect(spend({ name: 'moves', limit: 1, periodMs: 1_000 }, spent, 'b', last)).toMatchObject({ retryAt: last })
  })
})
