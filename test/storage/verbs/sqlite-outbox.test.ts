import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { Store } from '../../../src/storage/verbs/store'
import { ACCOUNT, NOW, newEndpoint, newEvent, newProduct } from './kit/entities'
import { takeAll } from './kit/take-all'
import { committedTransactions, createScratch } from './sqlite-scratch'
import { createSqliteWorkshop } from './sqlite-workers'

const scratch = createScratch()
const { startWorkers, together } = createSqliteWorkshop()

/** The one that sqlite-worker.ts takes at `NOW`, too. */
const LEASE_END = new Date(NOW.getTime() + 60_000)
const LINES = 20
const EVENTS = 15

describe('processes that deliver', () => {
  it('never hold the same delivery, and what a dead one held is due again', async () => {
    const workers = await startWorkers(2)
    const file = scratch.file()
    const storage = await scratch.open(file)
    await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('crm'), { now: NOW })
    await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('billing'), { now: NOW })
    for (let round = 0; round < EVENTS; round++) {
      await storeEvents(
        storage,
        Array.from({ length: LINES }, (_, line) => ({ name: `${round}-${line}`, line })),
      )
    }
    refuseDisorder(file)

    const take = await together(workers, () => ({ job: 'deliver', file, at: NOW.getTime(), how: 'take' }))
    expect(Object.keys(take).sort()).toEqual(idsOf((name) => name.startsWith('0-')))
    expect(Object.values(take).every((times) => times === 1)).toBe(true)

    expect(await takeAll(storage, new Date(LEASE_END.getTime() - 1), LEASE_END, 100)).toEqual([])
    const drain = await together(workers, () => ({ job: 'deliver', file, at: LEASE_END.getTime(), how: 'drain' }))
    expect(Object.keys(drain).sort()).toEqual(idsOf(() => true))
    expect(Object.values(drain).every((times) => times === 1)).toBe(true)
  }, 60_000)
})

describe('what waits', () => {
  it('is not looked at: of a thousand deliveries about one license one is in the index of what is due', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('crm'), { now: NOW })
    await storeEvents(
      storage,
      Array.from({ length: 1_000 }, (_, index) => ({ name: `${index}`, line: 1 })),
    )
    const rows = new Database(file, { readonly: true })
    const due = rows.prepare('SELECT count(*) FROM webhook_deliveries WHERE due_at IS NOT NULL').pluck()
    expect(due.get()).toBe(1)
    const [first] = await takeAll(storage, NOW, LEASE_END, 100)
    await storage.settleDelivery(first?.delivery.id ?? '', 1, { kind: 'delivered' })
    expect(due.get()).toBe(1)
    rows.close()
    const claimed = await takeAll(storage, NOW, LEASE_END, 100)
    expect(claimed.map(({ delivery }) => delivery.event.id)).toEqual(['evt_1'])
  })

  it('costs a poll with nothing due no transaction', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('crm'), { now: NOW })
    await storeEvents(storage, [{ name: 'one', line: 1 }])
    await takeAll(storage, NOW, LEASE_END, 10)
    const before = committedTransactions(file)
    expect(await takeAll(storage, NOW, LEASE_END, 10)).toEqual([])
    expect(committedTransactions(file) - before).toBe(0)
  })
})

/** Stores events about licenses, all in one step. */
async function storeEvents(storage: Store, events: readonly { readonly name: string; readonly line: number }[]) {
  const created = events.map(({ name, line }) => newEvent(name, { licenseId: `lic_${line}` }))
  const product = newProduct(events[0]?.name ?? '')
  await storage.insertProduct(ACCOUNT.id, product, { now: NOW, events: { created } })
}

function idsOf(isWanted: (name: string) => boolean): string[] {
  const names = Array.from({ length: EVENTS * LINES }, (_, index) => `${index % EVENTS}-${Math.floor(index / EVENTS)}`)
  return names
    .filter(isWanted)
    .flatMap((name) => [`evt_${name}.hook_crm`, `evt_${name}.hook_billing`])
    .sort()
}

/** Makes the database itself refuse to have a delivery taken before its turn, whoever takes it. */
function refuseDisorder(file: string) {
  const database = new Database(file)
  database.exec(`
    CREATE TRIGGER out_of_order BEFORE UPDATE OF attempts ON webhook_deliveries WHEN EXISTS (
      SELECT 1 FROM webhook_deliveries d
      WHERE d.endpoint_id = NEW.endpoint_id AND d.line = NEW.line AND d.status = 'pending' AND d.place < NEW.place
    ) BEGIN SELECT raise(ABORT, 'out of order'); END`)
  database.close()
}
