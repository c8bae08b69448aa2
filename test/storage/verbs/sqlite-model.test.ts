import { describe, expect, it } from 'vitest'
import { DELIVERED_KEPT_MS } from '../../../src/domain/webhook'
import type { DeliveryResult, Store } from '../../../src/storage/verbs/store'
import { createDraw, type Draw } from './draw'
import {
  ACCOUNT,
  ALL,
  after,
  checkout,
  claim,
  NOW,
  newEndpoint,
  newEvent,
  newSession,
  type Sale,
  sell,
  sellFloating,
} from './kit/entities'
import { takeAll } from './kit/take-all'
import { createScratch } from './sqlite-scratch'
import { memoryStore } from './stores'

/**
 * Rows in memory and in SQLite are asked the same things of deliveries, seats and revocations, drawn at random, and must
 * answer alike.
 */
const scratch = createScratch()

const ROUNDS = 400

/** Something to ask of a store. Drawn once, then asked of each. */
type Question = (storage: Store) => Promise<unknown>

async function agree(seed: number, prepare: Question, draw: (draw: Draw, round: number) => readonly Question[]) {
  const numbers = createDraw(seed)
  const [model, sqlite] = [await scratch.opened(memoryStore()), await scratch.open(':memory:')]
  for (const storage of [model, sqlite]) await prepare(storage)
  for (let round = 0; round < ROUNDS; round++) {
    for (const question of draw(numbers, round)) {
      const [said, expected] = [await question(sqlite), await question(model)]
      expect(said, `seed ${seed}, round ${round}: ${question}`).toEqual(expected)
    }
  }
}

describe('agrees with rows in memory', () => {
  it.each([1, 2, 3])('on deliveries and their order (seed %i)', async (seed) => {
    const endpoints = ['crm', 'billing'].map((name) => newEndpoint(name))
    const held: { readonly id: string; readonly attempts: number }[] = []
    let now = NOW

    await agree(
      seed,
      async (storage) => {
        for (const endpoint of endpoints) await storage.insertWebhookEndpoint(ACCOUNT.id, endpoint, { now: NOW })
      },
      (draw, round) => {
        now = new Date(now.getTime() + draw(20_000))
        const step = drawOutboxStep(draw, round, now, held)
        // The list grows, and most of what is wrong shows in what is claimed.
        return round % 10 === 9 ? [step, listAll] : [step]
      },
    )
    expect(held.length).toBeGreaterThan(50)
  })

  it.each([1, 2, 3, 4, 5])('on seats and their leases (seed %i)', async (seed) => {
    const sale = await sellFloating(await scratch.open(':memory:'), SEATS)
    let now = NOW
    await agree(
      seed,
      (storage) => sellFloating(storage, SEATS),
      (draw, round) => {
        now = new Date(now.getTime() + draw(8_000))
        const at = now
        return [
          drawSeatStep(draw, round, sale, at),
          (storage) => storage.listSessions(ACCOUNT.id, sale.license.id, at, ALL),
        ]
      },
    )
  })

  it.each([1, 2, 3])('on revocations (seed %i)', async (seed) => {
    const sale = await sell(await scratch.open(':memory:'), { maxActivations: 4 })
    let now = NOW
    await agree(
      seed,
      (storage) => sell(storage, { maxActivations: 4 }),
      (draw) => {
        now = new Date(now.getTime() + draw(86_400_000))
        const at = now
        return [drawActivationStep(draw, sale, at), async (storage) => storage.listRevocations(at, null)]
      },
    )
  })
})

const SEATS = { maxConcurrentSessions: 3, sessionLeaseSeconds: 30 }

const listAll: Question = (storage) => storage.listDeliveries(ACCOUNT.id, {}, { limit: 10_000 })

function drawOutboxStep(
  draw: Draw,
  round: number,
  now: Date,
  held: { readonly id: string; readonly attempts: number }[],
): Question {
  const license = draw(4)
  const event = newEvent(`${round}`, { at: now, ...(license > 0 && { licenseId: `lic_${license}` }) })
  const step = { now, events: { updated: [event] } }
  const some = held[draw(held.length)] ?? { id: 'nothing', attempts: 1 }
  const limit = 1 + draw(4)
  const later = new Date(now.getTime() + draw(2) * DELIVERED_KEPT_MS)
  switch (draw(12)) {
    case 0:
      return (storage) => storage.redeliver(ACCOUNT.id, some.id, now)
    case 1:
      return (storage) => storage.updateWebhookEndpoint(ACCOUNT.id, 'hook_crm', { active: round % 3 > 0 }, step)
    case 2:
    case 3:
    case 4:
      return (storage) => storage.updateWebhookEndpoint(ACCOUNT.id, 'hook_billing', { url: `https://${round}/` }, step)
    case 5:
    case 6:
    case 7:
      return async (storage) => {
        const claimed = await takeAll(storage, now, new Date(now.getTime() + 60_000), limit)
        if (storage.name === 'memory') held.push(...claimed.map(({ delivery }) => delivery))
        return claimed
      }
    case 8:
      return (storage) => storage.purgeExpired(later, 10_000)
    default: {
      const results: DeliveryResult[] = [
        { kind: 'delivered' },
        { kind: 'delivered' },
        { kind: 'failed', error: `${round}`, retryAt: new Date(now.getTime() + 30_000) },
        { kind: 'dead', error: `${round}` },
      ]
      const result = results[draw(results.length)] ?? { kind: 'delivered' }
      const recent = held[held.length - 1 - draw(6)] ?? some
      return (storage) => storage.settleDelivery(recent.id, recent.attempts, result)
    }
  }
}

function drawSeatStep(draw: Draw, round: number, sale: Sale, now: Date): Question {
  const [hostId, userIdentifier] = [`host-${draw(3)}`, draw(2) === 0 ? '' : 'ada']
  const asked = newSession(hostId, { id: `ses_${round}`, userIdentifier, nonce: `${draw(2)}` })
  const target = { ...sale.target, sessionId: `ses_${round - draw(6)}` }
  const nonces = { nonce: `${draw(2)}`, nextNonce: `${draw(2)}` }
  switch (draw(9)) {
    case 0:
    case 1:
    case 2:
      return (storage) => checkout(storage, sale, asked, now)
    case 3:
    case 4:
      return (storage) => storage.renewSession(ACCOUNT.id, target, nonces, { now })
    case 5:
      return (storage) => storage.releaseSession(ACCOUNT.id, target, nonces.nonce, { now })
    case 6:
      return (storage) => storage.findSession(ACCOUNT.id, target, now)
    case 7:
      // Of lapsed ones more or fewer may be left to count.
      return async (storage) => void (await storage.purgeExpired(now, 1_000))
    default: {
      const changes = { maxConcurrentSessions: 1 + (round % 4), blocked: round % 5 === 0 }
      return (storage) => storage.updateLicense(ACCOUNT.id, sale.target, changes, { now })
    }
  }
}

function drawActivationStep(draw: Draw, sale: Sale, now: Date): Question {
  const hostId = `host-${draw(6)}`
  switch (draw(10)) {
    case 0:
      return (storage) => storage.resetLicense(ACCOUNT.id, sale.target, { now })
    case 1:
      return (storage) => storage.releaseAllActivations(ACCOUNT.id, sale.target, { now })
    case 2:
      return (storage) => storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, { now })
    case 3:
    case 4:
      return (storage) => storage.updateLicense(ACCOUNT.id, sale.target, { blocked: false }, { now })
    case 5: {
      const later = after(draw(40) * 86_400_000)
      return (storage) => storage.validateActivation(ACCOUNT.id, { ...sale.target, hostId }, later)
    }
    case 6:
      return (storage) => storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId }, { now })
    default:
      return (storage) => claim(storage, sale, hostId, now)
  }
}
