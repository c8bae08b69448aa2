import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { DEFAULT_SESSION_LEASE_SECONDS } from '../../../src/server/domain/session'
import { ACCOUNT, ALL, after, checkout, NOW, sellFloating } from '../../../src/server/storage/conformance/entities'
import { tally } from '../../../src/server/storage/conformance/outcomes'
import { committedTransactions, createScratch } from './sqlite-scratch'
import { createWorkers, together } from './sqlite-workers'

const scratch = createScratch()
const startWorkers = createWorkers()

const SEATS = 50
const LEASE_MS = DEFAULT_SESSION_LEASE_SECONDS * 1000

describe('fifty seats', () => {
  it('serve five hundred clients of four processes, a third of whom never check in, fifty at a time', async () => {
    const workers = await startWorkers(4)
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sellFloating(storage, { maxConcurrentSessions: SEATS })
    const { id, canonicalKey } = sale.license
    refuseAbove(file, SEATS)

    let waiting = Array.from({ length: 500 }, (_, index) => `${index % 3 === 0 ? 'dies' : 'lives'}-${index}`)
    let now = NOW
    let rounds = 0
    for (; waiting.length > 0 && rounds < 20; rounds++) {
      now = after(rounds * LEASE_MS)
      const clients = (index: number) => waiting.filter((_, place) => place % workers.length === index)
      const at = now.getTime()
      const served = await together(workers, (index) => ({
        job: 'seats',
        file,
        canonicalKey,
        clients: clients(index),
        at,
      }))
      expect(Object.values(served).every((times) => times === 1)).toBe(true)
      // Whoever has died in this round holds a seat until the end of the lease, and nobody else does.
      const dead = Object.keys(served).filter((client) => client.startsWith('dies'))
      expect(dead.length).toBeLessThanOrEqual(SEATS)
      const lastMoment = new Date(at + LEASE_MS - 1)
      expect(
        (await storage.listSessions(ACCOUNT.id, id, lastMoment, ALL)).items.map(({ hostId }) => hostId).sort(),
      ).toEqual(dead.sort())
      waiting = waiting.filter((client) => !(client in served))
    }
    expect(waiting).toEqual([])
    // A hundred and sixty-seven deaths, fifty seats.
    expect(rounds).toBeGreaterThanOrEqual(4)

    const lapsed = new Date(now.getTime() + LEASE_MS)
    const again = Array.from({ length: SEATS + 10 }, (_, index) => checkout(storage, sale, `again-${index}`, lapsed))
    expect(tally(await Promise.all(again))).toEqual({ created: SEATS, 'limit-reached': 10 })
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
      SELECT count(*) FROM sessions WHERE license_seq = NEW.license_seq AND expires_at > NEW.started_at
    ) BEGIN SELECT raise(ABORT, 'one session too many'); END`)
  database.close()
}
