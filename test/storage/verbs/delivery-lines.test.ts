import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { Storage } from '../../../src/storage/contract'
import { createMemoryStorage, MemoryRows } from '../../../src/storage/memory/memory-storage'
import { createStore } from '../../../src/storage/verbs/create-store'
import type { Store } from '../../../src/storage/verbs/store'
import { createDraw, type Draw } from './draw'
import { happen, listening } from './kit/delivery-scene'
import { ACCOUNT, after, NOW, newEndpoint } from './kit/entities'
import { takeAll } from './kit/take-all'

const ROUNDS = 40
const AT_ONCE = 6

/** Something that happens to deliveries of three licenses and two endpoints. */
async function drawStep(draw: Draw, storage: Store, name: string): Promise<void> {
  const kind = draw(20)
  const now = after(draw(5_000))
  if (kind < 6) return happen(storage, name, draw(4) === 0 ? undefined : `lic_${draw(3)}`, now)
  if (kind < 8) return void (await takeAll(storage, now, after(5_000 + draw(5_000)), 1 + draw(4)))
  if (kind < 10) return replaceEndpoint(draw, storage)
  const status = kind < 13 ? 'delivered' : 'pending'
  const { items } = await storage.listDeliveries(ACCOUNT.id, { status }, { limit: 1, offset: draw(5) })
  const [{ id, attempts } = { id: 'none', attempts: 0 }] = items
  if (kind < 14) return void (await storage.redeliver(ACCOUNT.id, id, now))
  const failed = { kind: 'failed', error: 'HTTP 500', retryAt: now } as const
  await storage.settleDelivery(id, attempts, draw(4) === 0 ? failed : { kind: 'delivered' })
}

/** Not at the beginning of what happens at once, so that it comes between the reads and the writes of others. */
async function replaceEndpoint(draw: Draw, storage: Store): Promise<void> {
  for (let turns = draw(4); turns > 0; turns--) await turn()
  await storage.deleteWebhookEndpoint(ACCOUNT.id, 'hook_other', { now: NOW })
  await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('other'), { now: NOW }).catch(() => undefined)
}

/** Each line counts its pending deliveries, and only its head is due. */
async function checkLines(storage: Storage): Promise<number> {
  const all = (table: string) => ({ table, equal: [], limit: 10_000 })
  const [lines, deliveries, endpoints] = await storage.read(
    ['webhook_lines', 'webhook_deliveries', 'webhook_endpoints'].map(all),
  )
  const pending = (deliveries?.rows ?? []).map(({ row }) => row).filter(({ status }) => status === 'pending')
  const expected = new Map<string, { pending: number; due: unknown[] }>()
  for (const { endpoint_id, line, id, due_at, next_attempt_at } of pending) {
    const name = `${endpoint_id} ${line}`
    const { pending: before, due } = expected.get(name) ?? { pending: 0, due: [] }
    expected.set(name, { pending: before + 1, due: due_at === null ? due : [...due, id] })
    if (due_at !== null) expect(due_at).toBe(next_attempt_at)
  }
  const kept = (lines?.rows ?? []).map(({ row }) => [
    `${row.endpoint_id} ${row.line}`,
    { pending: row.pending, due: [row.head] },
  ])
  expect(Object.fromEntries(kept)).toEqual(Object.fromEntries(expected))
  const ids = (endpoints?.rows ?? []).map(({ row }) => row.id)
  expect(deliveries?.rows.filter(({ row }) => !ids.includes(String(row.endpoint_id)))).toEqual([])
  return kept.length
}

it.each([1, 2, 3])('whatever happens at once, each line has one delivery that goes first (seed %i)', async (seed) => {
  const draw = createDraw(seed)
  const kept = new MemoryRows()
  const rows = createMemoryStorage(kept)
  const handles = [createStore(rows), createStore(createMemoryStorage(kept))]
  for (const handle of handles) await handle.open()
  const [first] = handles as [Store]
  await listening(first, 'plain', 'other')
  let lines = 0
  for (let round = 0; round < ROUNDS; round++) {
    const steps = Array.from({ length: AT_ONCE }, (_, index) =>
      drawStep(draw, handles[index % 2] ?? first, `${round}_${index}`),
    )
    await Promise.all(steps)
    lines += await checkLines(rows)
  }
  for (const handle of handles) await handle.close()
  expect(lines).toBeGreaterThan(ROUNDS)
})

it('an event that is about to be stored leaves nothing behind for an endpoint that is deleted', async () => {
  const kept = new MemoryRows()
  const [slow, fast] = [createMemoryStorage(kept), createMemoryStorage(kept)]
  let beforeWrite: (() => Promise<unknown>) | undefined
  const late: Storage = {
    ...slow,
    async write(sets) {
      const once = beforeWrite
      beforeWrite = undefined
      await once?.()
      return slow.write(sets)
    },
  }
  const [first, second] = [createStore(late), createStore(fast)]
  await first.open()
  await second.open()
  await first.insertAccount(ACCOUNT)
  await listening(first, 'plain')
  beforeWrite = () => second.deleteWebhookEndpoint(ACCOUNT.id, 'hook_plain', { now: NOW })
  await happen(first, 'a', 'lic_one')
  expect(beforeWrite).toBeUndefined()
  expect((await first.listEvents(ACCOUNT.id, {}, { limit: 10 })).total).toBe(1)
  expect(await checkLines(fast)).toBe(0)
})
