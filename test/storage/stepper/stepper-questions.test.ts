import { expect, it } from 'vitest'
import type { Query, Tables } from '../../../src/storage/contract'
import { memoryStorage } from '../../../src/storage/memory'
import { createStepper } from '../../../src/storage/stepper/stepper'

const TABLES = {
  names: { columns: { id: { kind: 'text', length: 20 }, next: { kind: 'text' } }, key: ['id'] },
} as const satisfies Tables

const named = (id: string): Query => ({ table: 'names', equal: [id], limit: 1 })

it('a step that asks for more is given that apart from the answers to its queries', async () => {
  const storage = memoryStorage()
  await storage.open({ version: 1, tables: TABLES })
  const row = (id: string, next: string) =>
    ({ kind: 'insert', table: 'names', row: { id, next, revision: 1 } }) as const
  await storage.write([[row('a', 'b'), row('b', 'c'), row('c', 'd')]])
  const stepper = createStepper({ storage, tables: TABLES, newRevision: () => 1, random: Math.random })
  const counts: number[] = []
  const outcome = await stepper.run<string>({
    queries: [named('a')],
    decide(answers, further) {
      counts.push(answers.length)
      const second = further(named('b'))
      if (second === undefined) return { ask: [named('b')] }
      const third = further(named('c'))
      if (third === undefined) return { ask: [named('c')] }
      const nextOf = (answer: typeof second | undefined) => answer?.rows[0]?.row.next
      return { outcome: [answers[0], second, third].map(nextOf).join(), changes: [] }
    },
  })
  expect(outcome).toBe('b,c,d')
  expect(counts).toEqual([1, 1, 1])
})
