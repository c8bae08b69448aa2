import { describe, expect, it } from 'vitest'
import type { NewActivation } from '../../../src/domain/activation'
import type { Release } from '../../../src/domain/decide-release'
import type { Store } from '../../../src/storage/verbs/store'
import { createDraw, type Draw } from './draw'
import { ACCOUNT, ALL, claim, NOW, newActivation, newProofKey, type Sale, sell } from './kit/entities'
import { chargingSlots, RESTING, spendOn } from './kit/spending'
import { createPostgresScratch } from './postgres-scratch'
import { createScratch } from './sqlite-scratch'
import { memoryStore } from './stores'

const SPENDER = { canonicalKey: 'KEY-ONE', productId: 'prod_editor' }

/**
 * Keys, slots that rest, hosts that move and time that passes meet in more ways than a test can name. Stores on all engines
 * are asked the same things, drawn at random, and must answer alike.
 */
const files = createScratch()
const schemas = createPostgresScratch()

const ROUNDS = 500
const KEYS = [null, newProofKey('old'), newProofKey('new'), newProofKey('third')]
const ENDLESS = { name: 'slots', limit: 1_000_000, periodMs: 1 }
/** What came of the steps of all seeds, and what must have, for the answers to say anything. */
const happened = new Set<string>()
const SEEN = [
  ...['created', 'existing', 'moved', 'resumed', 'rebound', 'users-exceeded', 'limit-reached', 'expired'],
  ...['surrendered', 'released', 'pending', 'not-active', 'proof-required', 'blocked', 'kept'],
]
const TERMS = { maxActivations: 3, activationDuration: { amount: 2, unit: 'hour' } } as const

type Question<A> = (storage: Store) => Promise<A>
type Step = Question<{ readonly kind: string }>

describe('stores on all engines', () => {
  it.each([1, 2])(
    'agree on who takes over which slot, and with which key (seed %i)',
    async (seed) => {
      const draw = createDraw(seed)
      const model = await files.opened(memoryStore())
      const others = [await files.open(':memory:'), await schemas.open(await schemas.schema())]
      const sale = await sell(model, TERMS)
      for (const storage of others) await sell(storage, TERMS)

      async function ask<A>(question: Question<A>, round: number): Promise<A> {
        const expected = await question(model)
        for (const storage of others) {
          expect(await question(storage), `${storage.name}, round ${round}: ${question}`).toEqual(expected)
        }
        return expected
      }

      let now = NOW
      for (let round = 0; round < ROUNDS; round++) {
        now = new Date(now.getTime() + draw(400_000))
        happened.add((await ask(drawStep(draw, sale, round, now), round)).kind)
        await ask(lookAt(sale, `host-${draw(4)}`, now), round)
      }
    },
    60_000,
  )

  it('came to all that a slot can come to', () => {
    expect(SEEN.filter((kind) => !happened.has(kind))).toEqual([])
  })

  it.each([1, 2])('agree on what is left of an allowance (seed %i)', async (seed) => {
    const draw = createDraw(seed)
    const storages = [
      await files.opened(memoryStore()),
      await files.open(':memory:'),
      await schemas.open(await schemas.schema()),
    ]
    for (const storage of storages) await sell(storage, { maxActivations: null })
    const kinds = new Set<string>()
    let now = NOW
    for (let round = 0; round < ROUNDS; round++) {
      now = new Date(now.getTime() + draw(4_000))
      const allowance = { name: `allowance ${draw(2)}`, limit: draw(6), periodMs: 10_000 }
      const unit = `unit ${draw(12)}`
      const [expected, ...answers] = await Promise.all(
        storages.map((storage) => spendOn(storage, ACCOUNT.id, SPENDER, allowance, unit, now)),
      )
      for (const answer of answers) expect(answer, `round ${round}`).toEqual(expected)
      kinds.add(expected?.kind ?? '')
    }
    expect([...kinds].sort()).toEqual(['exhausted', 'spent'])
  })
})

/** What is stored, for people and for machines. */
function lookAt({ license, target }: Sale, hostId: string, now: Date): Question<unknown> {
  return async (storage) => ({
    found: await storage.findActivation(ACCOUNT.id, { ...target, hostId }),
    listed: await storage.listActivations(ACCOUNT.id, license.id, ALL),
    revoked: await storage.listRevocations(now, null),
  })
}

function drawStep(draw: Draw, { license, product, target }: Sale, round: number, now: Date): Step {
  const hostId = `host-${draw(4)}`
  const proofKey = KEYS[draw(KEYS.length)] ?? null
  const trust = draw(6) === 0 ? ({ trusted: true } as const) : {}
  switch (draw(16)) {
    case 0: {
      const changes = { requireProof: round % 4 === 0, offlineLifetimeSeconds: draw(3) * 1_800, graceSeconds: 0 }
      return (storage) => storage.updateProduct(ACCOUNT.id, product.id, changes, { now })
    }
    case 1: {
      const changes = { blocked: draw(6) === 0, maxActivations: 2 + draw(3) }
      return (storage) => storage.updateLicense(ACCOUNT.id, target, changes, { now })
    }
    case 2: {
      const later = new Date(now.getTime() + draw(40) * 86_400_000)
      return (storage) => storage.validateActivation(ACCOUNT.id, { ...target, hostId, proofKey, ...trust }, later)
    }
    case 3: {
      const since = { lastSeenBy: now, tokensEndedBy: now }
      return (storage) => storage.releaseUnseen(ACCOUNT.id, { licenseId: license.id, hostId }, since, { now })
    }
    case 4:
      if (round % 5 > 0) return (storage) => claim(storage, { license, product, target }, hostId, now)
      return (storage) => storage.releaseAllActivations(ACCOUNT.id, target, { now })
    case 5:
    case 6:
    case 7:
    case 8: {
      const forAll = draw(3) === 0 ? ({ forAll: true } as const) : {}
      const release: Release = { proofKey, ...trust, ...forAll, ...(draw(3) > 0 && { rules: RESTING }) }
      return (storage) => storage.releaseActivation(ACCOUNT.id, { ...target, hostId, ...release }, { now })
    }
    default: {
      const previousHostIds = Array.from({ length: draw(4) }, () => `host-${draw(4)}`)
      const told = draw(2) === 0 ? {} : { deviceTag: `device ${round}`, appVersion: null }
      const shown: Partial<NewActivation> = { proofKey, ...trust, ...told, previousHostIds }
      const rules = draw(4) === 0 ? {} : { rules: { ...chargingSlots(ENDLESS), usersPerHost: 1 } }
      const asked = { ...newActivation(hostId, shown), ...rules, id: `act_${round}`, jti: `jti_${round}` }
      return (storage) => storage.claimActivation(ACCOUNT.id, target, asked, { now })
    }
  }
}
