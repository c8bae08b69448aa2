import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { all, one, repeat } from '../../../src/testing/asking'
import { item } from '../../../src/testing/tables'
import { addOne, addOneBelow, make, remove, type Scene, scene, tell, tellFirst } from './scripted-rows'

async function turns(count = 20) {
  for (let left = count; left > 0; left--) await turn()
}

/** What a promise has come to so far. */
async function stateOf(promise: Promise<unknown>) {
  await turns()
  return Promise.race([
    promise.then(
      () => 'answered',
      () => 'refused',
    ),
    turn('under way'),
  ])
}

async function orderOf({ memory }: Scene, id: string) {
  const [answer] = await memory.read([one('items', id)])
  return answer?.rows[0]?.row.order
}

describe('steps of one turn', () => {
  // The clock of those who are answered early stands still: a slow machine would have reads more.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
  afterEach(() => void vi.useRealTimers())

  it('travel in one read and one write', async () => {
    const all = await scene(['a', 'b', 'c'])
    const { reads, stepper, writes } = all
    const outcomes = await Promise.all([addOne('a'), addOne('b'), addOne('a'), tell('c')].map(stepper.run))
    expect(outcomes).toEqual([0, 0, 1, 0])
    expect([reads.length, writes.length]).toEqual([1, 1])
    // Each row is read for once, and each step that depends on no other has a set of its own.
    expect(reads[0]?.asked).toHaveLength(3)
    expect(writes[0]?.asked).toHaveLength(2)
    expect(await orderOf(all, 'a')).toBe(2)
  })

  it('go in batches of 64', async () => {
    const ids = repeat(100, (index) => `item ${String(index).padStart(3, '0')}`)
    const { reads, stepper, writes } = await scene(ids)
    await Promise.all(ids.map((id) => stepper.run(addOne(id))))
    expect(reads.map(({ asked }) => asked.length)).toEqual([64, 36])
    expect(writes.map(({ asked }) => asked.length)).toEqual([64, 36])
  })

  it('wait for the batch under way, and then go together', async () => {
    const { hold, reads, stepper, writes } = await scene(['a', 'b', 'c'])
    hold.writes = true
    const first = stepper.run(addOne('a'))
    await expect.poll(() => writes.length).toBe(1)
    const others = [stepper.run(addOne('b')), stepper.run(addOne('c')), stepper.run(addOne('a'))]
    await turns()
    expect(reads).toHaveLength(1)
    hold.writes = false
    writes[0]?.go()
    expect(await first).toBe(0)
    expect(await Promise.all(others)).toEqual([0, 0, 1])
    expect([reads.length, writes.length]).toEqual([2, 2])
  })

  it('share their fate where one was decided on what the other had not written', async () => {
    const all = await scene(['a', 'b'])
    const { hold, stepper, writes } = all
    hold.writes = true
    const entangled = [stepper.run(addOne('a')), stepper.run(addOne('a'))]
    const apart = stepper.run(addOne('b'))
    await expect.poll(() => writes.length).toBe(1)
    expect(writes[0]?.asked).toHaveLength(2)
    expect(await Promise.all(entangled.map(stateOf))).toEqual(['under way', 'under way'])
    writes[0]?.fail(new Error('The disk is gone'))
    for (const one of [...entangled, apart]) await expect(one).rejects.toThrow('The disk is gone')
    expect(await orderOf(all, 'a')).toBe(0)
  })

  it('that come to nothing by what others have decided wait until it is written, or not', async () => {
    const all = await scene(['a'])
    const { hold, stepper, writes } = all
    hold.writes = true
    const failing = stepper.run(addOne('a'))
    const limited = stepper.run(addOneBelow('a', 1))
    await expect.poll(() => writes.length).toBe(1)
    expect(await stateOf(limited)).toBe('under way')
    writes[0]?.fail(new Error('The disk is gone'))
    await expect(failing).rejects.toThrow('The disk is gone')
    await expect.poll(() => writes.length).toBe(2)
    writes[1]?.go()
    expect(await limited).toBe(0)
    expect(await orderOf(all, 'a')).toBe(1)
  })

  it('that change nothing are answered at once, on what is stored', async () => {
    const { hold, stepper, writes } = await scene(['a', 'b'])
    hold.writes = true
    const before = stepper.run(tell('a'))
    const failing = stepper.run(addOne('a'))
    const behind = stepper.run(tell('a'))
    const apart = stepper.run(tell('b'))
    await expect.poll(() => writes.length).toBe(1)
    expect(await Promise.all([before, behind, apart])).toEqual([0, 0, 0])
    writes[0]?.fail(new Error('The disk is gone'))
    await expect(failing).rejects.toThrow('The disk is gone')
  })

  it('that throw are refused alone, once what they saw is written', async () => {
    const { hold, stepper, writes } = await scene(['a'])
    hold.writes = true
    const [made, thrown] = [stepper.run(make('new')), stepper.run(make('new'))]
    const apart = stepper.run(make('a'))
    await expect(apart).rejects.toThrow('There is an item a')
    expect(await Promise.all([made, thrown].map(stateOf))).toEqual(['under way', 'under way'])
    writes[0]?.go()
    expect(await made).toBe('made')
    await expect(thrown).rejects.toThrow('There is an item new')
    expect(writes).toHaveLength(1)
  })

  it('that would throw are decided anew where what they saw was not written', async () => {
    const { hold, stepper, writes } = await scene([])
    hold.writes = true
    const [made, thrown] = [stepper.run(make('new')), stepper.run(make('new'))]
    await expect.poll(() => writes.length).toBe(1)
    writes[0]?.fail(new Error('The disk is gone'))
    await expect(made).rejects.toThrow('The disk is gone')
    await expect.poll(() => writes.length).toBe(2)
    writes[1]?.go()
    expect(await thrown).toBe('made')
  })

  it('that cannot be decided in a batch go to the next one, and come out right', async () => {
    const { reads, stepper } = await scene(['a', 'b', 'c'])
    const [, first] = await Promise.all([stepper.run(remove('a')), stepper.run(tellFirst(2))])
    expect(first).toEqual(['b', 'c'])
    expect(reads).toHaveLength(2)
  })

  it('see what follows a row that was just made in the next batch', async () => {
    const { reads, stepper } = await scene(['a'])
    const insert = { kind: 'insert', table: 'items', row: item('new') } as const
    const links = { links: { table: 'links', by: 'byItem', equal: [{ column: 'id' }], limit: 10 } }
    const link = { kind: 'insert', table: 'links', row: { id: 'its link', item: 'new' } } as const
    const [, found] = await Promise.all([
      stepper.run({ queries: [one('items', 'new')], decide: () => ({ outcome: 'made', changes: [insert, link] }) }),
      stepper.run({
        queries: [{ ...one('items', 'new'), follow: links }],
        decide: ([answer]) => ({ outcome: answer?.rows[0]?.followed.links?.rows[0]?.row.id, changes: [] }),
      }),
    ])
    expect(found).toBe('its link')
    expect(reads).toHaveLength(2)
  })
})

describe('a batch that fails', () => {
  it('refuses its steps, and no others', async () => {
    const { hold, stepper, writes } = await scene(['a', 'b'])
    hold.writes = true
    const failing = stepper.run(addOne('a'))
    await expect.poll(() => writes.length).toBe(1)
    const next = stepper.run(addOne('a'))
    hold.writes = false
    writes[0]?.fail(new Error('The disk is gone'))
    await expect(failing).rejects.toThrow('The disk is gone')
    expect(await next).toBe(0)
  })

  it('refuses all of its steps where it could not read', async () => {
    const { hold, reads, stepper } = await scene(['a', 'b'])
    hold.reads = true
    const failing = [stepper.run(addOne('a')), stepper.run(tell('b'))]
    await expect.poll(() => reads.length).toBe(1)
    hold.reads = false
    reads[0]?.fail(new Error('The cable is cut'))
    for (const one of failing) await expect(one).rejects.toThrow('The cable is cut')
    expect(await stepper.run(tell('a'))).toBe(0)
  })
})

describe('looks', () => {
  it('wait for no step, and see what is stored', async () => {
    const { hold, stepper, writes } = await scene(['a'])
    hold.writes = true
    const step = stepper.run(addOne('a'))
    await expect.poll(() => writes.length).toBe(1)
    const [answer] = await stepper.look([one('items', 'a')])
    expect(answer?.rows[0]?.row.order).toBe(0)
    writes[0]?.go()
    await step
    const [after] = await stepper.look([one('items', 'a')])
    expect(after?.rows[0]?.row.order).toBe(1)
  })

  it('of one turn travel in one read, each with its own answers', async () => {
    const { reads, stepper } = await scene(['a', 'b'])
    const [first, second] = await Promise.all([
      stepper.look([one('items', 'a'), all('items')]),
      stepper.look([all('items'), one('items', 'b')]),
    ])
    expect(reads.map(({ asked }) => asked.length)).toEqual([3])
    expect(first.map(({ rows }) => rows.map(({ row }) => row.id))).toEqual([['a'], ['a', 'b']])
    expect(second.map(({ rows }) => rows.map(({ row }) => row.id))).toEqual([['a', 'b'], ['b']])
  })

  it('are refused where they could not read', async () => {
    const { hold, reads, stepper } = await scene(['a'])
    hold.reads = true
    const look = stepper.look([one('items', 'a')])
    await expect.poll(() => reads.length).toBe(1)
    reads[0]?.fail(new Error('The cable is cut'))
    await expect(look).rejects.toThrow('The cable is cut')
  })
})

describe('idle', () => {
  it('comes once every step has been answered', async () => {
    const { hold, stepper, writes } = await scene(['a'])
    await stepper.idle()
    hold.writes = true
    const steps = [stepper.run(addOne('a'))]
    const idle = [stepper.idle()]
    await expect.poll(() => writes.length).toBe(1)
    steps.push(stepper.run(addOne('a')))
    idle.push(stepper.idle())
    expect(await Promise.all(idle.map(stateOf))).toEqual(['under way', 'under way'])
    writes[0]?.go()
    await expect.poll(() => writes.length).toBe(2)
    expect(await Promise.all(idle.map(stateOf))).toEqual(['under way', 'under way'])
    writes[1]?.go()
    await Promise.all(idle)
    expect(await Promise.all(steps)).toEqual([0, 1])
  })
})
