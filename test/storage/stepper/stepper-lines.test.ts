import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ChangeSet, Storage, Tables } from '../../../src/storage/contract'
import { memoryStorage } from '../../../src/storage/memory'
import { createStepper, type Step } from '../../../src/storage/stepper/stepper'

const TABLES = {
  counters: { columns: { id: { kind: 'text', length: 20 }, n: { kind: 'integer' } }, key: ['id'] },
} as const satisfies Tables

/** Adds one to a counter, and tells what it was. */
function addOne(id: string): Step<number> {
  return {
    queries: [{ table: 'counters', equal: [id], limit: 1 }],
    decide: ([answer]) => {
      const before = answer?.rows[0]?.row
      if (before === undefined) throw new Error(`There is no counter ${id}`)
      const n = Number(before.n)
      return { outcome: n, changes: [{ kind: 'update', table: 'counters', before, set: { n: n + 1 } }] }
    },
  }
}

async function scene(wrap: (storage: Storage) => Partial<Storage> = () => ({})) {
  const memory = memoryStorage()
  await memory.open({ version: 1, tables: TABLES })
  const row = (id: string) => ({ kind: 'insert', table: 'counters', row: { id, n: 0, revision: 1 } }) as const
  await memory.write([[row('a')], [row('b')]])
  const storage: Storage = { ...memory, writes: 2, ...wrap(memory) }
  const stepper = createStepper({ storage, tables: TABLES, newRevision: () => 1, random: () => 0.5 })
  return { memory, stepper }
}

/** Somebody else, who is always faster. */
async function overtake(memory: Storage, id: string) {
  const [answer] = await memory.read([{ table: 'counters', equal: [id], limit: 1 }])
  const revision = Number(answer?.rows[0]?.row.revision)
  const set = { revision: revision + 1000 }
  await memory.write([[{ kind: 'update', table: 'counters', key: [id], revision, set }]])
}

describe('steps of one line', () => {
  it('wait for the batch before them, while others go on beside it', async () => {
    const gates: (() => void)[] = []
    const fates: string[] = []
    const { stepper } = await scene((memory) => ({
      async write(sets: readonly ChangeSet[]) {
        await new Promise<void>((resolve) => gates.push(resolve))
        const written = await memory.write(sets)
        fates.push(...written)
        return written
      },
    }))
    const first = stepper.run(addOne('a'))
    await expect.poll(() => gates.length).toBe(1)
    const second = stepper.run(addOne('a'))
    const beside = stepper.run(addOne('b'))
    await expect.poll(() => gates.length).toBe(2)
    gates[1]?.()
    expect(await beside).toBe(0)
    for (let turns = 0; turns < 20; turns++) await turn()
    expect(gates).toHaveLength(2)
    gates[0]?.()
    expect(await first).toBe(0)
    await expect.poll(() => gates.length).toBe(3)
    gates[2]?.()
    expect(await second).toBe(1)
    expect(fates).toEqual(['written', 'written', 'written'])
  })

  it('that lost go on in the order they came', async () => {
    let lost = 0
    const { stepper } = await scene((memory) => ({
      async write(sets: readonly ChangeSet[]) {
        if (lost++ < 3) await overtake(memory, 'a')
        return memory.write(sets)
      },
    }))
    expect(await Promise.all([1, 2, 3, 4].map(() => stepper.run(addOne('a'))))).toEqual([0, 1, 2, 3])
  })

  it('take locks once they have lost, where the storage has them', async () => {
    const locked: unknown[] = []
    let tries = 0
    const { memory, stepper } = await scene((memory) => ({
      async write(sets: readonly ChangeSet[]) {
        tries += 1
        await overtake(memory, 'a')
        return memory.write(sets)
      },
      async locked(rows, work) {
        locked.push(rows)
        await work(memory)
      },
    }))
    expect(await stepper.run(addOne('a'))).toBe(0)
    expect(tries).toBe(1)
    expect(locked).toEqual([[{ table: 'counters', key: ['a'] }]])
    expect(await Promise.all([stepper.run(addOne('a')), stepper.run(addOne('a'))])).toEqual([1, 2])
    expect([tries, locked.length]).toEqual([1, 2])
    expect(await memory.read([{ table: 'counters', equal: ['a'], limit: 1 }])).toMatchObject([
      { rows: [{ row: { n: 3 } }] },
    ])
  })

  it('that were only put off are not refused with the batch that failed', async () => {
    let calls = 0
    const { stepper } = await scene((memory) => ({
      async write(sets: readonly ChangeSet[]) {
        calls += 1
        if (calls === 1) throw new Error('The disk is gone')
        return memory.write(sets)
      },
    }))
    const step: Step<number> = {
      queries: [{ table: 'counters', equal: ['b'], limit: 1 }],
      decide: (answers, further) => {
        const query = { table: 'counters', equal: ['b'], limit: 1, count: true } as const
        return further(query) === undefined ? { ask: [query] } : addOne('b').decide(answers, further)
      },
    }
    const [failed, asked] = await Promise.allSettled([stepper.run(addOne('a')), stepper.run(step)])
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'The disk is gone' } })
    expect(asked).toEqual({ status: 'fulfilled', value: 0 })
    await stepper.idle()
  })
})
