import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { checkout, sellFloating } from './kit/entities'
import { tally } from './kit/outcomes'
import { SEATS, serveEverybody } from './seat-rounds'
import { committedTransactions, createScratch } from './sqlite-scratch'
import { createSqliteWorkshop } from './sqlite-workers'

const scratch = createScratch()
const { startWorkers, together } = createSqliteWorkshop()

describe('fifty seats', () => {
  it('serve five hundred clients of four processes, a third of whom never check in, fifty at a time', async () => {
    const workers = await startWorkers(4)
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sellFloating(storage, { maxConcurrentSessions: SEATS })
    const { canonicalKey } = sale.license
    refuseAbove(file, SEATS)

    await serveEverybody(storage, sale, (clients, at) =>
      together(workers, (index) => ({
        job: 'seats',
        file,
        canonicalKey,
        clients: clients.filter((_, place) => place % workers.length === index),
        at: at.getTime(),
      })),
    )
  }, 60_000)
})

describe('a checkout', () => {
  it('that is refused writes nothing', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sellFloating(storage, { maxConcurrentSessions: 1 })
    await checkout(storage, sale, 'host-1')
    const before = committedTransactions(file)
    const refused = await Promise.all(['host-2', 'host-3'].map((host) => checkout(storage, sale, host)))
    expect(tally(refused)).toEqual({ 'limit-reached': 2 })
    expect(committedTransactions(file) - before).toBe(0)
  })
})

/** Makes the database itself refuse a session too many, whoever stores it. */
function refuseAbove(file: string, seats: number) {
  const database = new Database(file)
  database.exec(`
    CREATE TRIGGER too_many AFTER INSERT ON sessions WHEN ${seats} < (
      SELECT count(*) FROM sessions WHERE license_id = NEW.license_id AND expires_at > NEW.started_at
    ) BEGIN SELECT raise(ABORT, 'one session too many'); END`)
  database.close()
}
