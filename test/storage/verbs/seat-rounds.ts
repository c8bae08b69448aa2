import { expect } from 'vitest'
import type { Store } from '../../../src/storage/verbs/store'
import { ACCOUNT, ALL, after, checkout, LEASE_MS, NOW, type Sale } from './kit/entities'
import { tally } from './kit/outcomes'
import type { Report } from './worker-jobs'

export const SEATS = 50

/**
 * Five hundred clients, a third of whom never check in, use fifty seats of a floating license, round after round, until
 * all have been served. Each round is a lease later than the one before.
 * @param round lets these clients use seats at this time, all at once; tells who got one
 */
export async function serveEverybody(
  storage: Store,
  sale: Sale,
  round: (clients: readonly string[], at: Date) => Promise<Report>,
): Promise<void> {
  let waiting = Array.from({ length: 500 }, (_, index) => `${index % 3 === 0 ? 'dies' : 'lives'}-${index}`)
  let now = NOW
  let rounds = 0
  for (; waiting.length > 0 && rounds < 20; rounds++) {
    now = after(rounds * LEASE_MS)
    const served = await round(waiting, now)
    expect(Object.values(served).every((times) => times === 1)).toBe(true)
    // Whoever has died in this round holds a seat until the end of the lease, and nobody else does.
    const dead = Object.keys(served).filter((client) => client.startsWith('dies'))
    expect(dead.length).toBeLessThanOrEqual(SEATS)
    const lastMoment = new Date(now.getTime() + LEASE_MS - 1)
    const { items } = await storage.listSessions(ACCOUNT.id, sale.license.id, lastMoment, ALL)
    expect(items.map(({ hostId }) => hostId).sort()).toEqual(dead.sort())
    waiting = waiting.filter((client) => !(client in served))
  }
  expect(waiting).toEqual([])
  // A hundred and sixty-seven deaths, fifty seats.
  expect(rounds).toBeGreaterThanOrEqual(4)

  const lapsed = new Date(now.getTime() + LEASE_MS)
  const again = Array.from({ length: SEATS + 10 }, (_, index) => checkout(storage, sale, `again-${index}`, lapsed))
  expect(tally(await Promise.all(again))).toEqual({ created: SEATS, 'limit-reached': 10 })
}
