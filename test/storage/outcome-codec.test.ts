import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeOutcome, encodeOutcome } from '../../src/storage/outcome-codec'

function roundTrip(outcome: object): object {
  return decodeOutcome(encodeOutcome(outcome))
}

/** JSON values as vendors write metadata, rich in our tags; -0 is left out, which JSON text does not tell from 0. */
const names = fc.oneof(fc.constantFrom('$date', '$entries', '__proto__', 'toJSON'), fc.string())
const { value: outcomeValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.string(),
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

describe('the outcome codec', () => {
  it('gives back whatever it was given', () => {
    fc.assert(
      fc.property(outcomeValue, (value) => {
        const outcome = { kind: 'created', value }
        expect(roundTrip(outcome)).toStrictEqual(outcome)
      }),
      { numRuns: 1_000 },
    )
  })

  it('keeps instants to the millisecond, years beyond 9999 and before 1970 too', () => {
    const instants = ['2026-03-01T12:00:00.123Z', '+275760-09-13T00:00:00.000Z', '1969-12-31T23:59:59.999Z']
    const outcome = { kind: 'created', at: instants.map((instant) => new Date(instant)) }
    expect(roundTrip(outcome)).toStrictEqual(outcome)
  })

  it('leaves strings that look like instants alone', () => {
    const outcome = { kind: 'created', at: '2026-03-01T12:00:00.123Z' }
    expect(roundTrip(outcome)).toStrictEqual(outcome)
  })

  it.each([
    { $date: 5 },
    { $date: { $date: '2026-03-01' } },
    { $entries: [['a', 1]] },
    { $entries: [['$date', 5]], $date: new Date(5) },
    { $entries: 'text', other: { $entries: [] } },
  ])('tells a vendor’s %j from its own tags', (metadata) => {
    expect(roundTrip({ kind: 'created', metadata })).toStrictEqual({ kind: 'created', metadata })
  })

  it('pollutes no prototype', () => {
    const metadata = JSON.parse('{ "__proto__": { "polluted": true }, "$date": 1 }')
    const decoded = roundTrip({ kind: 'created', metadata }) as { metadata: object }
    expect(Object.keys(decoded.metadata)).toEqual(['__proto__', '$date'])
    expect('polluted' in {}).toBe(false)
    expect('polluted' in decoded.metadata).toBe(false)
  })
})
