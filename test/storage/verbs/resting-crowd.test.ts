import { describe, expect, it } from 'vitest'
import { MAX_DEVICES } from '../../../src/domain/license-device'
import { crowd, watched } from './crowd'
import { createCrowdPlaces, type OpenMore } from './crowd-places'
import {
  ACCOUNT,
  after as at,
  claim,
  HOUR_MS,
  NOW,
  newActivation,
  newProofKey,
  release,
  type Sale,
  sell,
} from './kit/entities'
import { outcomeOf } from './kit/outcomes'
import { RESTING, SHARED } from './kit/spending'

const COUNT = 2_000
const DAY_MS = 24 * HOUR_MS
/** How many slots that have rested a claim frees. */
const FREED_TOGETHER = 64
/** Those, and what a claim is decided on. */
const MOST_ROWS = 80

const places = createCrowdPlaces()

/** A license whose slots are all taken: first by `names`, then by a crowd of hosts that came later. */
async function crowded(openMore: OpenMore, names: readonly string[]): Promise<Sale> {
  const { store, rows } = await openMore()
  await store.insertAccount(ACCOUNT)
  const sale = await sell(store, { maxActivations: COUNT })
  const count = COUNT - names.length
  await crowd(rows, sale.license.id, count, 0)
  const early = at(-HOUR_MS)
  for (const name of names) outcomeOf(await claim(store, sale, name, early), 'created')
  return sale
}

describe.each(['memory', 'sqlite', 'postgres'] as const)(`a license with ${COUNT} activations, on %s`, (engine) => {
  it('gives the next host the slot that has rested, though it is the oldest of all', async () => {
    expect(COUNT).toBeGreaterThan(MAX_DEVICES)
    const openMore = await places[engine]()
    const sale = await crowded(openMore, ['oldest'])
    const most = { read: 0, written: 0 }
    const { store } = await openMore((rows) => watched(rows, most))
    const { activation } = outcomeOf(await release(store, sale, 'oldest', { rules: RESTING }), 'surrendered')
    const end = activation.tokensEndAt
    const next = { ...newActivation('next'), rules: { ...SHARED, ...RESTING } }
    outcomeOf(await claim(store, sale, next, new Date(end.getTime() - 1)), 'limit-reached')
    outcomeOf(await claim(store, sale, next, end), 'created')
    expect(await store.listActivations(ACCOUNT.id, sale.license.id, { limit: 0 })).toMatchObject({ total: COUNT })
    const target = { ...sale.target, hostId: 'oldest' }
    expect(await store.findActivation(ACCOUNT.id, target)).toMatchObject({ kind: 'found', activation: null })
    outcomeOf(await claim(store, sale, newActivation('another'), end), 'limit-reached')
    expect(most.read).toBeLessThan(MOST_ROWS)
  })

  it('gives it that of a younger user who gave it up, once the older have been away', async () => {
    const openMore = await places[engine]()
    const sale = await crowded(openMore, [])
    const { store } = await openMore()
    const [older, younger] = [newProofKey('older'), newProofKey('younger')]
    outcomeOf(await release(store, sale, 'host-0', { trusted: true }), 'released')
    const early = at(-HOUR_MS)
    const { activation } = outcomeOf(
      await claim(store, sale, newActivation('oldest', { proofKey: older }), early),
      'created',
    )
    outcomeOf(await claim(store, sale, newActivation('oldest', { proofKey: younger }), early), 'rebound')
    outcomeOf(await release(store, sale, 'oldest', { proofKey: younger }, early), 'pending')
    const end = activation.tokensEndAt.getTime() + 14 * DAY_MS
    const next = { ...newActivation('next'), rules: SHARED }
    outcomeOf(await claim(store, sale, next, new Date(end - 1)), 'limit-reached')
    outcomeOf(await claim(store, sale, next, new Date(end)), 'created')
  })

  it('frees slots that have rested in turns, as many as one step takes', async () => {
    const openMore = await places[engine]()
    const hosts = Array.from({ length: 100 }, (_, index) => `resting-${index}`)
    const sale = await crowded(openMore, hosts)
    const most = { read: 0, written: 0 }
    const { store } = await openMore((rows) => watched(rows, most))
    for (const host of hosts) outcomeOf(await release(store, sale, host, { rules: RESTING }, NOW), 'surrendered')
    const late = at(60 * DAY_MS)
    const next = (name: string) => ({ ...newActivation(name), rules: { ...SHARED, ...RESTING } })
    most.read = 0
    most.written = 0
    outcomeOf(await claim(store, sale, next('next-1'), late), 'created')
    expect(Math.max(most.read, most.written)).toBeLessThan(MOST_ROWS)
    const { total } = await store.listActivations(ACCOUNT.id, sale.license.id, { limit: 0 })
    expect(total).toBe(COUNT - FREED_TOGETHER + 1)
    for (let index = 2; index <= 100; index += 1) {
      outcomeOf(await claim(store, sale, next(`next-${index}`), late), 'created')
    }
    const last = { ...next('next-101'), rules: { ...SHARED, ...RESTING, moves: null } }
    outcomeOf(await claim(store, sale, last, late), 'limit-reached')
  })
})
