import { beforeEach, describe, expect, it } from 'vitest'
import { Turns } from '../../../src/server/events/webhook-turns'
import { after as later, NOW } from '../../storage/verbs/kit/entities'

const SLOTS = 40
const FAILING = 10

const endpoint = (id: string, accountId = id, isFailing = false) => ({ id, accountId, isFailing })
const named = (prefix: string, count: number, accountId?: string) =>
  Array.from({ length: count }, (_, index) => endpoint(`${prefix}${index}`, accountId))

let turns: Turns
beforeEach(() => {
  turns = new Turns(SLOTS)
})

const take = (now = NOW) => turns.take(now).map(({ endpoint: { id }, limit }) => [id, limit] as const)
const sum = (taken: ReturnType<typeof take>) => taken.reduce((total, [, limit]) => total + limit, 0)

/** Has an endpoint fail so often, one attempt after the other. */
function fail(one: ReturnType<typeof endpoint>, times: number, now = NOW) {
  for (let time = 0; time < times; time++) {
    turns.add(one, now)
    const [turn] = turns.take(now)
    if (turn === undefined) throw new Error('it rests')
    turns.taken(turn, 1, now)
    turns.ended(one, 'failed', now)
    for (const other of turns.take(now)) turns.taken(other, 0, now)
  }
}

/** Has attempts of endpoints succeed, so that they are known. */
function prove(endpoints: readonly ReturnType<typeof endpoint>[]) {
  for (const one of endpoints) {
    turns.add(one, NOW)
    for (const turn of turns.take(NOW)) {
      turns.taken(turn, 1, NOW)
      turns.ended(turn.endpoint, 'delivered', NOW)
    }
    for (const turn of turns.take(NOW)) turns.taken(turn, 0, NOW)
  }
}

describe('turns', () => {
  it('are of four attempts, and go round', () => {
    prove(named('e', 15))
    for (const one of named('e', 15)) turns.add(one, NOW)
    const first = take()
    expect(first).toEqual(named('e', 10).map(({ id }) => [id, 4]))
    expect(take()).toEqual([])
    turns.ended(endpoint('e3'), 'delivered', NOW)
    turns.add(endpoint('e3'), NOW)
    expect(take()).toEqual([['e10', 1]])
    turns.ended(endpoint('e4'), 'delivered', NOW)
    expect(take()).toEqual([['e11', 1]])
  })

  it('that were not needed are for others', () => {
    prove(named('e', 11))
    for (const one of named('e', 11)) turns.add(one, NOW)
    const [first] = turns.take(NOW)
    if (first === undefined) throw new Error('nobody waits')
    turns.taken(first, 1, NOW)
    expect(take()).toEqual([['e10', 3]])
  })

  it('of one account take half of the slots at most', () => {
    prove(named('many', 30, 'acct_many'))
    for (const one of named('many', 30, 'acct_many')) turns.add(one, NOW)
    turns.add(endpoint('other'), NOW)
    const taken = take()
    expect(sum(taken)).toBe(24)
    expect(taken).toContainEqual(['other', 4])
  })

  it('of endpoints that fail are of one attempt, and take a part of the slots only', () => {
    const failing = named('bad', 30).map((one) => ({ ...one, isFailing: true }))
    prove(named('good', 5))
    for (const one of [...failing, ...named('good', 5)]) turns.add(one, NOW)
    const taken = take()
    expect(taken.filter(([id]) => id.startsWith('bad'))).toEqual(failing.slice(0, FAILING).map(({ id }) => [id, 1]))
    expect(taken.filter(([id]) => id.startsWith('good')).map(([, limit]) => limit)).toEqual([4, 4, 4, 4, 4])
  })

  it('of endpoints that have never answered take half of the slots at most', () => {
    prove(named('good', 3))
    for (const one of [...named('new', 100), ...named('good', 3)]) turns.add(one, NOW)
    const taken = take()
    expect(taken).toHaveLength(8)
    expect(taken.filter(([id]) => id.startsWith('good'))).toEqual(named('good', 3).map(({ id }) => [id, 4]))
  })

  it('of endpoints that have never answered come, however much the others have to send', () => {
    const good = named('good', 30)
    prove(good)
    for (const one of [...good, endpoint('new')]) turns.add(one, NOW)
    const taken = new Set(take().map(([id]) => id))
    for (let rounds = 0; rounds < 3; rounds++) {
      turns.ended(endpoint('good0'), 'delivered', NOW)
      for (const [id] of take()) taken.add(id)
    }
    expect(taken.has('new')).toBe(true)
  })

  it('of one that keeps failing come later and later, one attempt at a time, until one succeeds', () => {
    const one = endpoint('bad')
    fail(one, 5)
    let now = 0
    for (const pause of [10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]) {
      turns.add(one, later(now + pause - 1))
      expect(take(later(now + pause - 1))).toEqual([])
      now += pause
      turns.add(one, later(now))
      expect(take(later(now))).toEqual([['bad', 1]])
      turns.add(one, later(now))
      expect(take(later(now))).toEqual([])
      turns.ended(one, 'failed', later(now))
    }
    turns.add(one, later(now + 300_000))
    expect(take(later(now + 300_000))).toEqual([['bad', 1]])
    turns.ended(one, 'delivered', later(now + 300_000))
    expect(take(later(now + 300_000))).toEqual([['bad', 4]])
  })

  it('are forgotten, but for what counts', () => {
    const [good, bad] = [endpoint('good'), endpoint('bad')]
    fail(bad, 5)
    turns.add(good, NOW)
    take()
    turns.forget(NOW)
    turns.add(bad, NOW)
    expect(take()).toEqual([])
    turns.forget(later(3_600_000))
    turns.add(bad, NOW)
    expect(take()).toEqual([['bad', 4]])
  })

  it('cost little where very many wait', () => {
    for (const one of named('e', 10_000)) turns.add(one, NOW)
    const startedAt = performance.now()
    for (let round = 0; round < 200; round++) {
      for (const turn of turns.take(NOW)) {
        turns.taken(turn, 1, NOW)
        turns.ended(turn.endpoint, 'delivered', NOW)
      }
    }
    expect(performance.now() - startedAt).toBeLessThan(2000)
  })
})
