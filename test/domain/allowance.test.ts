import { describe, expect, it } from 'vitest'
import { type Allowance, type Spending, spend } from '../../src/domain/allowance'

const NOW = new Date('2026-03-01T12:00:00.000Z')
const at = (milliseconds: number) => new Date(NOW.getTime() + milliseconds)
const spent = (unit: string, milliseconds = 0): Spending => ({ unit, at: at(milliseconds) })

const MOVES: Allowance = { name: 'moves', limit: 2, periodMs: 1_000 }

describe('spend', () => {
  it('remembers the unit, and when it was spent', () => {
    expect(spend(MOVES, [], 'a', NOW)).toEqual({ kind: 'spent', spent: [spent('a')] })
    expect(spend(MOVES, [spent('a')], 'b', at(1))).toEqual({ kind: 'spent', spent: [spent('a'), spent('b', 1)] })
  })

  it('refuses at the limit, remembers nothing of that, and tells when the first leaves', () => {
    const before = [spent('a'), spent('b', 400)]
    expect(spend(MOVES, before, 'c', at(999))).toEqual({ kind: 'exhausted', retryAt: at(1_000), spent: before })
    expect(spend(MOVES, before, 'c', at(400))).toEqual({ kind: 'exhausted', retryAt: at(1_000), spent: before })
  })

  it('counts what is in the period, which ends at its very millisecond', () => {
    const before = [spent('a'), spent('b', 400)]
    expect(spend(MOVES, before, 'c', at(1_000))).toEqual({ kind: 'spent', spent: [spent('b', 400), spent('c', 1_000)] })
    // What it says is true: then, and no millisecond earlier, there is room.
    const { retryAt } = { retryAt: NOW, ...spend(MOVES, before, 'c', at(400)) }
    expect(spend(MOVES, before, 'c', new Date(retryAt.getTime() - 1)).kind).toBe('exhausted')
    expect(spend(MOVES, before, 'c', retryAt).kind).toBe('spent')
  })

  it('counts a unit once, from the first time on', () => {
    const before = [spent('a'), spent('b', 400)]
    expect(spend(MOVES, before, 'a', at(999))).toEqual({ kind: 'spent', spent: before })
    expect(spend(MOVES, before, 'a', at(1_000))).toEqual({ kind: 'spent', spent: [spent('b', 400), spent('a', 1_000)] })
  })

  it('of a limit of none spends nothing', () => {
    expect(spend({ ...MOVES, limit: 0 }, [], 'a', NOW)).toEqual({ kind: 'exhausted', retryAt: at(1_000), spent: [] })
  })

  it('of a limit that was lowered tells when there is room for one more, and forgets nothing before', () => {
    const before = [0, 100, 200, 300].map((milliseconds) => spent(`unit-${milliseconds}`, milliseconds))
    const lowered = { ...MOVES, limit: 1 }
    expect(spend(lowered, before, 'a', at(500))).toEqual({ kind: 'exhausted', retryAt: at(1_300), spent: before })
    expect(spend(lowered, before, 'unit-0', at(500))).toEqual({ kind: 'spent', spent: before })
    expect(spend(lowered, before, 'a', at(1_299)).kind).toBe('exhausted')
    expect(spend(lowered, before, 'a', at(1_300))).toEqual({ kind: 'spent', spent: [spent('a', 1_300)] })
  })

  it('changes nothing of what it is given', () => {
    const before = Object.freeze([spent('a')])
    spend(MOVES, before, 'b', NOW)
    expect(before).toEqual([spent('a')])
  })

  it('never lets more than the limit into any period, whatever is asked when', () => {
    let remembered: readonly Spending[] = []
    const all: Spending[] = []
    for (let milliseconds = 0; milliseconds < 6_000; milliseconds += 37) {
      const unit = `unit-${milliseconds}`
      const { kind, spent: after } = spend({ ...MOVES, limit: 3 }, remembered, unit, at(milliseconds))
      remembered = after
      if (kind === 'spent') all.push(spent(unit, milliseconds))
      const inPeriod = all.filter((spending) => spending.at.getTime() > at(milliseconds - 1_000).getTime())
      expect(inPeriod.length).toBeLessThanOrEqual(3)
      expect(remembered.length).toBeLessThanOrEqual(3)
    }
    // Three at once, then as each leaves: a limit that is too strict would show as well.
    expect(all.length).toBeGreaterThanOrEqual(15)
  })
})
