import { describe, expect, it } from 'vitest'
import { checkHistory } from './check-history'
import type { Model } from './model'
import { type CallOf, models, type ObjectName, type OutcomeOf } from './objects'

/** An operation from one instant to another. */
type Line<K extends ObjectName> = readonly [start: number, end: number, call: CallOf<K>, outcome: OutcomeOf<K> | null]

function kindOf<K extends ObjectName>(object: K, lines: readonly Line<K>[]) {
  const model = models[object] as unknown as Model<object, CallOf<K>, OutcomeOf<K>>
  const history = lines.map(([start, end, call, outcome], by) => ({ by: `${by}`, call, start, end, outcome }))
  return checkHistory(model, history).kind
}

const slots = (...lines: readonly Line<'slots'>[]) => kindOf('slots', lines)
const seats = (...lines: readonly Line<'seats'>[]) => kindOf('seats', lines)
const creations = (...lines: readonly Line<'creations'>[]) => kindOf('creations', lines)

const claim = (host: number, id: string, key?: number): CallOf<'slots'> =>
  key === undefined ? { do: 'claim', host, id } : { do: 'claim', host, id, key }
const release = (host: number): CallOf<'slots'> => ({ do: 'release', host })
const validate = (host: number): CallOf<'slots'> => ({ do: 'validate', host })
const created = (id: string, taken: number): OutcomeOf<'slots'> => ({ kind: 'created', id, taken })
const full = { kind: 'limit-reached' } as const

const checkout = (host: number, id: string, nonce: string): CallOf<'seats'> => ({ do: 'checkout', host, id, nonce })
const renew = (id: string, nonce: string, next: string): CallOf<'seats'> => ({ do: 'renew', id, nonce, next })

const create = (name: string, order = 0): CallOf<'creations'> => ({ do: 'create', name, order, key: 0 })

describe('slots', () => {
  it('of three claims at once any two are granted, and no third', () => {
    const first = [0, 9, claim(0, 'a'), full] as const
    const second = [1, 8, claim(1, 'b'), created('b', 2)] as const
    const third = [2, 9, claim(2, 'c'), created('c', 1)] as const
    expect(slots(first, second, third)).toBe('linearizable')
    expect(slots([0, 9, claim(0, 'a'), created('a', 2)], second, third)).toBe('violation')
  })

  it('a claim is refused only while the slots are taken', () => {
    const taken = [
      [0, 1, claim(0, 'a'), created('a', 1)],
      [2, 3, claim(1, 'b'), created('b', 2)],
      [6, 9, release(0), { kind: 'released', id: 'a', taken: 1 }],
    ] as const
    expect(slots(...taken, [7, 8, claim(2, 'c'), full])).toBe('linearizable')
    expect(slots(...taken, [7, 8, claim(2, 'c'), created('c', 2)])).toBe('linearizable')
    expect(slots(...taken, [4, 5, claim(2, 'c'), created('c', 2)])).toBe('violation')
    expect(slots(...taken, [10, 11, claim(2, 'c'), full])).toBe('violation')
  })

  it('a read that ends before a release may still see the slot, and one that starts after it may not', () => {
    const before = [
      [0, 1, claim(0, 'a'), created('a', 1)],
      [2, 5, release(0), { kind: 'released', id: 'a', taken: 0 }],
    ] as const
    expect(slots(...before, [3, 4, validate(0), { kind: 'valid', id: 'a' }])).toBe('linearizable')
    expect(slots(...before, [6, 7, validate(0), { kind: 'valid', id: 'a' }])).toBe('violation')
    // Each could be, but not in this order.
    const gone = { kind: 'not-activated' } as const
    expect(slots(...before, [2.1, 2.2, validate(0), gone], [3, 4, validate(0), { kind: 'valid', id: 'a' }])).toBe(
      'violation',
    )
  })

  it('one host is granted one slot once', () => {
    const first = [0, 5, claim(0, 'a'), created('a', 1)] as const
    expect(slots(first, [1, 6, claim(0, 'b'), { kind: 'existing', id: 'a', taken: 1 }])).toBe('linearizable')
    expect(slots(first, [1, 6, claim(0, 'b'), created('b', 1)])).toBe('violation')
    expect(slots(first, [1, 6, claim(0, 'b'), created('b', 2)])).toBe('violation')
  })

  it('a release is not lost', () => {
    const held = ['a', null, null, null]
    const before = [
      [0, 1, claim(0, 'a'), created('a', 1)],
      [2, 3, release(0), { kind: 'released', id: 'a', taken: 0 }],
    ] as const
    const seen = { kind: 'found', blocked: false, resets: 0 } as const
    const none = held.map(() => null)
    expect(slots(...before, [4, 5, { do: 'describe' }, { ...seen, held: none, taken: 0 }])).toBe('linearizable')
    expect(slots(...before, [4, 5, { do: 'describe' }, { ...seen, held, taken: 1 }])).toBe('violation')
    expect(slots(...before, [4, 5, { do: 'describe' }, { ...seen, held: none, taken: 1 }])).toBe('violation')
    expect(slots(...before, [4, 5, release(0), { kind: 'released', id: 'a', taken: 0 }])).toBe('violation')
  })

  it('nothing is granted between a block and its end', () => {
    const block = (blocked: boolean) =>
      [
        { do: 'block', blocked },
        { kind: 'updated', blocked },
      ] as const
    const blocked = [
      [0, 1, ...block(true)],
      [4, 5, ...block(false)],
    ] as const
    expect(slots(...blocked, [2, 3, claim(0, 'a'), { kind: 'blocked' }])).toBe('linearizable')
    expect(slots(...blocked, [2, 3, claim(0, 'a'), created('a', 1)])).toBe('violation')
    expect(slots(...blocked, [2, 4, claim(0, 'a'), created('a', 1)])).toBe('linearizable')
  })
})

describe('calls whose callers were told nothing', () => {
  const unknown = [0, 1, claim(0, 'a'), null] as const

  it('may have happened, may happen later than anything, and may not have happened at all', () => {
    expect(slots(unknown, [2, 3, validate(0), { kind: 'valid', id: 'a' }])).toBe('linearizable')
    expect(slots(unknown, [2, 3, validate(0), { kind: 'not-activated' }])).toBe('linearizable')
    const late = [4, 5, validate(0), { kind: 'valid', id: 'a' }] as const
    expect(slots(unknown, [2, 3, validate(0), { kind: 'not-activated' }], late)).toBe('linearizable')
  })

  it('happen neither twice nor before they start', () => {
    const gone = { kind: 'not-activated' } as const
    const valid = { kind: 'valid', id: 'a' } as const
    expect(slots(unknown, [2, 3, validate(0), valid], [4, 5, validate(0), gone])).toBe('violation')
    expect(slots([2, 3, claim(0, 'a'), null], [0, 1, validate(0), valid])).toBe('violation')
    const freed = [2, 3, release(0), { kind: 'released', id: 'a', taken: 0 }] as const
    expect(slots(unknown, freed, [4, 5, validate(0), valid])).toBe('violation')
  })
})

describe('seats', () => {
  const start = [0, 1, checkout(0, 's', 'n0'), { kind: 'created', id: 's', nonce: 'n0' }] as const

  it('a nonce is used once', () => {
    const first = [2, 9, renew('s', 'n0', 'n1'), { kind: 'renewed', id: 's', nonce: 'n1' }] as const
    expect(seats(start, first, [3, 8, renew('s', 'n0', 'n2'), { kind: 'bad-nonce' }])).toBe('linearizable')
    const second = [3, 8, renew('s', 'n0', 'n2'), { kind: 'renewed', id: 's', nonce: 'n2' }] as const
    expect(seats(start, first, second)).toBe('violation')
    const checkin = [3, 8, { do: 'checkin', id: 's', nonce: 'n0' }, { kind: 'released', id: 's' }] as const
    expect(seats(start, first, checkin)).toBe('violation')
  })

  it('a checkout of a seat that is held gives its session another nonce', () => {
    const again = [2, 5, checkout(0, 't', 'm0'), { kind: 'existing', id: 's', nonce: 'm0' }] as const
    const renewed = { kind: 'renewed', id: 's', nonce: 'n1' } as const
    expect(seats(start, again, [3, 4, renew('s', 'n0', 'n1'), renewed])).toBe('linearizable')
    expect(seats(start, again, [6, 7, renew('s', 'n0', 'n1'), renewed])).toBe('violation')
    expect(seats(start, again, [6, 7, renew('s', 'm0', 'n1'), renewed])).toBe('linearizable')
  })

  it('a third host gets no seat, and all seats are seen as of one instant', () => {
    const second = [2, 3, checkout(1, 't', 'm0'), { kind: 'created', id: 't', nonce: 'm0' }] as const
    const third = (outcome: OutcomeOf<'seats'>) => [4, 5, checkout(2, 'u', 'o0'), outcome] as const
    expect(seats(start, second, third(full))).toBe('linearizable')
    expect(seats(start, second, third({ kind: 'created', id: 'u', nonce: 'o0' }))).toBe('violation')
    const listed = { kind: 'listed', seats: [null, { id: 't', nonce: 'm0' }, null] } as const
    expect(seats(start, second, [2, 5, { do: 'list' }, listed])).toBe('violation')
  })
})

describe('calls under one key', () => {
  const replayed = true as const

  it('happen once, and all are told the same', () => {
    const first = [0, 5, create('a'), { kind: 'created', name: 'a' }] as const
    expect(creations(first, [1, 4, create('b'), { kind: 'created', name: 'a', replayed }])).toBe('linearizable')
    expect(creations(first, [1, 4, create('b'), { kind: 'created', name: 'b' }])).toBe('violation')
    expect(creations(first, [1, 4, create('b'), { kind: 'created', name: 'b', replayed }])).toBe('violation')
    expect(creations(first, [6, 7, { do: 'count', names: ['a', 'b'] }, { kind: 'counted', names: ['a'] }])).toBe(
      'linearizable',
    )
    expect(creations(first, [6, 7, { do: 'count', names: ['a', 'b'] }, { kind: 'counted', names: ['a', 'b'] }])).toBe(
      'violation',
    )
  })

  it('are not the same for another payload', () => {
    const first = [0, 5, create('a'), { kind: 'created', name: 'a' }] as const
    expect(creations(first, [1, 4, create('b', 1), { kind: 'idempotency-mismatch' }])).toBe('linearizable')
    expect(creations(first, [1, 4, create('b', 1), { kind: 'created', name: 'a', replayed }])).toBe('violation')
    expect(creations(first, [1, 4, create('b'), { kind: 'idempotency-mismatch' }])).toBe('violation')
  })

  it('are told what was so at first, whatever has become of it', () => {
    const before = [
      [0, 1, claim(0, 'a', 0), created('a', 1)],
      [2, 3, release(0), { kind: 'released', id: 'a', taken: 0 }],
    ] as const
    expect(slots(...before, [4, 5, claim(0, 'b', 0), { kind: 'created', id: 'a', taken: 1, replayed }])).toBe(
      'linearizable',
    )
    expect(slots(...before, [4, 5, claim(0, 'b', 0), created('b', 1)])).toBe('violation')
    expect(slots(...before, [4, 5, claim(0, 'b', 1), created('b', 1)])).toBe('linearizable')
  })

  it('of whom the first was told nothing are all replays', () => {
    const told = { kind: 'created', name: 'a', replayed } as const
    expect(creations([0, 1, create('a'), null], [2, 3, create('b'), told])).toBe('linearizable')
    expect(creations([4, 5, create('a'), null], [2, 3, create('b'), told])).toBe('violation')
  })
})
