import { describe, expect, it } from 'vitest'
import { LicenseError } from '../../../src/protocol/license-error'
import { addOne, addOneBelow, overtake, scene } from './scripted-rows'

describe('a step whose rows somebody else has changed', () => {
  it('is decided again on the rows of then, with all that were decided on it', async () => {
    const { hold, memory, reads, stepper, writes } = await scene(['a', 'b'])
    hold.writes = true
    const entangled = [stepper.run(addOne('a')), stepper.run(addOneBelow('a', 1)), stepper.run(addOne('a'))]
    const apart = stepper.run(addOne('b'))
    await expect.poll(() => writes.length).toBe(1)
    await overtake(memory, 'a')
    hold.writes = false
    writes[0]?.go()
    expect(await apart).toBe(0)
    expect(await Promise.all(entangled)).toEqual([1, 'full', 2])
    expect([reads.length, writes.length]).toEqual([2, 2])
    // What was written the first time is not written again.
    expect(writes.map(({ asked }) => asked.length)).toEqual([2, 1])
  })

  it('comes to what it comes to then, a refusal too', async () => {
    const { hold, memory, stepper, writes } = await scene(['a'])
    hold.writes = true
    const step = stepper.run(addOne('a'))
    await expect.poll(() => writes.length).toBe(1)
    const [answer] = await memory.read([{ table: 'items', equal: ['a'], limit: 1 }])
    const revision = Number(answer?.rows[0]?.row.revision)
    await memory.write([[{ kind: 'delete', table: 'items', key: ['a'], revision }]])
    hold.writes = false
    writes[0]?.go()
    await expect(step).rejects.toThrow('There is no item a')
  })

  it('is tried forty times, and then told that the database is busy', async () => {
    const { hold, stepper, writes } = await scene(['a', 'b'])
    hold.writes = true
    let refused = 0
    const step = stepper.run(addOne('a')).catch((error: unknown) => error)
    const isOver = step.then(() => true)
    while (refused < 200 && !(await Promise.race([isOver, soon()]))) {
      while (refused < writes.length) writes[refused++]?.refuse()
    }
    const error = await step
    expect(error).toBeInstanceOf(LicenseError)
    expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE', detail: { retryAfterSeconds: 1 } })
    expect(writes).toHaveLength(40)
    hold.writes = false
    expect(await stepper.run(addOne('a'))).toBe(0)
    await stepper.idle()
  })

  it('asks its own questions only, where it had asked for more', async () => {
    const { hold, reads, stepper, writes } = await scene(['a', 'b'])
    const further = { table: 'items', equal: ['b'], limit: 1 }
    hold.writes = true
    const step = stepper.run<unknown>({
      queries: addOne('a').queries,
      decide: (answers, ask) =>
        ask(further) === undefined ? { ask: [further] } : addOne('a').decide(answers, () => undefined),
    })
    await expect.poll(() => writes.length).toBe(1)
    hold.writes = false
    writes[0]?.refuse()
    expect(await step).toBe(0)
    expect(reads.map(({ asked }) => asked.length)).toEqual([1, 2, 1, 2])
  })
})

function soon(): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, 1, false as const))
}
