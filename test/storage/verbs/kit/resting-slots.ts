import assert from 'node:assert/strict'
import { type Activation, surrenderActivation } from '../../../../src/domain/activation'
import type { Release } from '../../../../src/domain/decide-release'
import type { LicenseChanges, Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  HOUR_MS,
  NOW,
  newActivation,
  newCustomer,
  newProofKey,
  release,
  type Sale,
  sell,
} from './entities'
import { everythingIn, storedLicense, takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import { RESTING } from './spending'
import type { ConformanceGroup } from './stage'
import { takenOver, thumbprintsOf } from './takeovers'

const FIRST = newProofKey('first')
const SECOND = newProofKey('second')

/** Has `host-1` take a slot and surrender it, a second later. */
async function surrendered(storage: Store, sale: Sale, proofKey: string | null = null): Promise<Activation> {
  outcomeOf(await claim(storage, sale, newActivation('host-1', { proofKey })), 'created')
  const how = { proofKey, rules: RESTING } as const
  return outcomeOf(await release(storage, sale, 'host-1', how, after(1_000)), 'surrendered').activation
}

/** What is stored of a host's slot. */
async function storedOn(storage: Store, { target }: Sale, hostId: string): Promise<Activation | null> {
  return outcomeOf(await storage.findActivation(ACCOUNT.id, { ...target, hostId }), 'found').activation
}

/** A claim of `host-1` that comes back, with tokens of its own. */
function back(proofKey: string | null = null, jti = 'jti_back') {
  return newActivation('host-1', { proofKey, jti })
}

/** What takes a resting slot along. */
const endings: Readonly<Record<string, (storage: Store, sale: Sale) => Promise<unknown>>> = {
  'a release of all': (storage, { target }) => storage.releaseAllActivations(ACCOUNT.id, target, { now: NOW }),
  'a reset': (storage, { target }) => storage.resetLicense(ACCOUNT.id, target, { now: NOW }),
  'the deletion of its license': (storage, { target }) => storage.deleteLicense(ACCOUNT.id, target, { now: NOW }),
  'the deletion of its customer': (storage) => storage.deleteCustomer(ACCOUNT.id, 'cus_ada', { now: NOW }),
  'a purge': (storage) => storage.purgeExpired(after(HOUR_MS), 100),
}

export const restingSlots: ConformanceGroup = {
  name: 'resting slots',
  tests: {
    'a host that surrenders its slot leaves it taken, and is found and listed': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sell(storage, { customerId: 'cus_ada', maxActivations: 1 })
      const asked = newActivation('host-1', { proofKey: FIRST, deviceTag: 'Ada’s Mac' })
      const { license, activation: held } = outcomeOf(await claim(storage, sale, asked), 'created')
      const now = after(1_234)
      const outcome = await release(storage, sale, 'host-1', { proofKey: FIRST, rules: RESTING }, now)
      const activation = surrenderActivation(held, now)
      assert.deepEqual(outcome, { kind: 'surrendered', license, activation })
      assert.deepEqual(activation, { ...held, keys: [], keylessEndAt: null, surrenderedAt: now })

      const rows = { license, product: sale.product, customer: newCustomer('ada') }
      const found = await storage.findActivation(ACCOUNT.id, { ...sale.target, hostId: 'host-1' })
      assert.deepEqual(found, { kind: 'found', ...rows, activation })
      assert.deepEqual((await storage.listActivations(ACCOUNT.id, license.id, ALL)).items, [activation])
      assert.deepEqual(await storedLicense(storage, sale), license)
      assert.equal(await takenSlots(storage, sale), 1)
      outcomeOf(await claim(storage, sale, 'host-2'), 'limit-reached')
    },

    'its host has nothing more to give up, the vendor may free it': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      const resting = await surrendered(storage, sale, FIRST)
      const before = await everythingIn(storage)
      const refused: readonly Release[] = [{}, { proofKey: FIRST }, { proofKey: FIRST, rules: RESTING }]
      for (const how of refused) {
        assert.deepEqual(await release(storage, sale, 'host-1', how, after(2_000)), { kind: 'not-active' })
      }
      assert.deepEqual(await everythingIn(storage), before)
      const released = outcomeOf(await release(storage, sale, 'host-1', { trusted: true }), 'released')
      assert.deepEqual(released.activation, resting)
      assert.deepEqual(released.license, await storedLicense(storage, sale))
      assert.equal(await takenSlots(storage, sale), 0)
      outcomeOf(await claim(storage, sale, 'host-2'), 'created')
    },

    'surrendering is refused like any release': async ({ storage }) => {
      const sale = await sell(storage)
      const asked = newActivation('host-1', { proofKey: FIRST })
      const { activation } = outcomeOf(await claim(storage, sale, asked), 'created')
      const surrender = (how: Release = {}) => release(storage, sale, 'host-1', { ...how, rules: RESTING })
      assert.deepEqual(await surrender(), { kind: 'proof-required' })
      assert.deepEqual(await surrender({ proofKey: SECOND }), { kind: 'proof-required' })
      assert.deepEqual(await release(storage, sale, 'host-2', { rules: RESTING }), { kind: 'not-active' })
      const unknown = { canonicalKey: 'KEY-UNKNOWN', productId: sale.product.id, hostId: 'host-1' }
      const step = { now: NOW }
      const gone = await storage.releaseActivation(ACCOUNT.id, { ...unknown, rules: RESTING }, step)
      assert.deepEqual(gone, { kind: 'gone' })
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, step)
      assert.deepEqual(await surrender({ proofKey: FIRST }), { kind: 'blocked' })
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: false }, step)
      assert.deepEqual(await storedOn(storage, sale, 'host-1'), activation)
      // Whoever acts for the vendor is held to no rules.
      outcomeOf(await surrender({ trusted: true }), 'released')
    },

    'its own host takes it back, at the limit too': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      const resting = await surrendered(storage, sale)
      const license = await storedLicense(storage, sale)
      const asked = { ...back(), id: 'act_new', deviceTag: 'Studio' }
      const now = after(2_000)
      const resumed = await claim(storage, sale, asked, now)
      const activation = takenOver(resting, sale.product, asked, 0, now)
      const rows = { license, product: sale.product, customer: null }
      assert.deepEqual(resumed, { kind: 'resumed', ...rows, activation, stamp: now.getTime() })
      assert.deepEqual([activation.id, activation.jti, activation.surrenderedAt], [resting.id, 'jti_back', null])
      assert.deepEqual(await storedOn(storage, sale, 'host-1'), activation)
      assert.equal(await takenSlots(storage, sale), 1)
      outcomeOf(await claim(storage, sale, back(null, 'jti_third'), now), 'existing')
      outcomeOf(await release(storage, sale, 'host-1'), 'released')
      assert.equal(await takenSlots(storage, sale), 0)
    },

    'it is given up by the oldest of its users, for all': async ({ storage }) => {
      const sale = await sell(storage)
      for (const proofKey of [FIRST, SECOND]) await claim(storage, sale, newActivation('host-1', { proofKey }))
      const give = (how: Release) => release(storage, sale, 'host-1', { ...how, rules: RESTING }, after(1_000))
      outcomeOf(await give({ proofKey: SECOND, forAll: true }), 'pending')
      outcomeOf(await claim(storage, sale, newActivation('host-1', { proofKey: SECOND })), 'rebound')
      const { activation } = outcomeOf(await give({ proofKey: FIRST, forAll: true }), 'surrendered')
      assert.deepEqual([activation.keys, activation.releaseAt], [[], null])
      assert.deepEqual(await storedOn(storage, sale, 'host-1'), activation)
    },

    'whichever key its host shows then binds it, or none': async ({ storage }) => {
      const sale = await sell(storage)
      await surrendered(storage, sale, FIRST)
      const bound = outcomeOf(await claim(storage, sale, back(SECOND)), 'resumed')
      assert.deepEqual(thumbprintsOf(bound.activation), [SECOND])
      outcomeOf(await release(storage, sale, 'host-1', { proofKey: SECOND, rules: RESTING }), 'surrendered')
      const unbound = outcomeOf(await claim(storage, sale, back(null, 'jti_third')), 'resumed')
      assert.deepEqual(unbound.activation.keys, [])
      assert.deepEqual((await storedOn(storage, sale, 'host-1'))?.keys, [])
      outcomeOf(await release(storage, sale, 'host-1'), 'released')
    },

    'what refuses a claim refuses to give it back, and leaves it at rest': async ({ storage }) => {
      const sale = await sell(storage, { activationDuration: { amount: 1, unit: 'hour' } })
      const { expiresAt } = await surrendered(storage, sale, FIRST)
      const update = (changes: LicenseChanges) => storage.updateLicense(ACCOUNT.id, sale.target, changes, { now: NOW })
      const refusal = async (now = NOW, asked = back()) => {
        const before = await everythingIn(storage)
        const { kind } = await claim(storage, sale, asked, now)
        if (kind !== 'resumed') assert.deepEqual(await everythingIn(storage), before)
        return kind
      }
      await update({ blocked: true, allowedHosts: [] })
      assert.equal(await refusal(), 'blocked')
      await update({ blocked: false })
      assert.equal(await refusal(), 'host-not-allowed')
      await update({ allowedHosts: null })
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { requireProof: true }, { now: NOW })
      assert.equal(await refusal(), 'proof-required')
      assert.ok(expiresAt !== null)
      assert.equal(await refusal(expiresAt, back(SECOND)), 'expired')
      assert.equal(await refusal(new Date(expiresAt.getTime() - 1), back(SECOND)), 'resumed')
      assert.deepEqual((await storedOn(storage, sale, 'host-1'))?.expiresAt, expiresAt)
    },

    'nobody takes it over under another id': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 2 })
      await surrendered(storage, sale, FIRST)
      outcomeOf(await claim(storage, sale, 'host-2'), 'created')
      for (const how of [{}, { proofKey: FIRST }, { trusted: true }] as const) {
        const asked = newActivation('host-3', { previousHostIds: ['host-1'], ...how })
        outcomeOf(await claim(storage, sale, asked), 'limit-reached')
      }
      // The next of its ids counts instead.
      const asked = newActivation('host-3', { previousHostIds: ['host-1', 'host-2'] })
      assert.equal(outcomeOf(await claim(storage, sale, asked), 'moved').previousHostId, 'host-2')
      outcomeOf(await claim(storage, sale, back()), 'resumed')
      assert.equal(await takenSlots(storage, sale), 2)
    },

    'a host takes back its own slot before that of another id': async ({ storage }) => {
      const sale = await sell(storage)
      await surrendered(storage, sale)
      outcomeOf(await claim(storage, sale, 'host-2'), 'created')
      outcomeOf(await claim(storage, sale, { ...back(), previousHostIds: ['host-2'] }), 'resumed')
      assert.equal((await storedOn(storage, sale, 'host-2'))?.hostId, 'host-2')
      assert.equal(await takenSlots(storage, sale), 2)
    },

    'it is freed as unseen once its tokens have ended, not before': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      const { tokensEndAt: end } = await surrendered(storage, sale)
      const early = new Date(end.getTime() - 1)
      const host = { licenseId: sale.license.id, hostId: 'host-1' }
      const find = async (now: Date) => {
        const { hosts } = await storage.findUnseen({ lastSeenBy: now, tokensEndedBy: now }, null, 100)
        return hosts.map(({ hostId }) => hostId)
      }
      const free = (now: Date) =>
        storage.releaseUnseen(ACCOUNT.id, host, { lastSeenBy: now, tokensEndedBy: now }, { now })
      assert.deepEqual([await find(early), await find(end)], [[], ['host-1']])
      assert.deepEqual(await free(early), { kind: 'kept' })
      outcomeOf(await claim(storage, sale, 'host-2', early), 'limit-reached')
      // Taken back meanwhile, it is kept; surrendered again, it rests as long as its last tokens.
      outcomeOf(await claim(storage, sale, back(), early), 'resumed')
      assert.deepEqual(await free(end), { kind: 'kept' })
      const again = await release(storage, sale, 'host-1', { rules: RESTING }, early)
      const { activation } = outcomeOf(again, 'surrendered')
      assert.deepEqual(await free(end), { kind: 'kept' })
      outcomeOf(await free(activation.tokensEndAt), 'released')
      assert.equal(await takenSlots(storage, sale), 0)
      outcomeOf(await claim(storage, sale, 'host-2', activation.tokensEndAt), 'created')
    },

    'it counts among those a release of all frees': async ({ storage }) => {
      const sale = await sell(storage)
      await surrendered(storage, sale)
      outcomeOf(await claim(storage, sale, 'host-2'), 'created')
      const outcome = await storage.releaseAllActivations(ACCOUNT.id, sale.target, { now: NOW })
      assert.equal(outcomeOf(outcome, 'released').count, 2)
      assert.equal(await takenSlots(storage, sale), 0)
    },

    'whatever ends its license takes it along': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sell(storage, { customerId: 'cus_ada', cleanable: true })
      const sellAgain = () =>
        storage.insertLicenses(ACCOUNT.id, { licenses: [{ ...sale.license, activationCount: 0 }] }, { now: NOW })
      for (const [name, end] of Object.entries(endings)) {
        await surrendered(storage, sale, FIRST)
        await end(storage, sale)
        const left = await storage.listActivations(ACCOUNT.id, sale.license.id, ALL)
        assert.deepEqual(left, { items: [], total: 0 }, name)
        if ((await storage.findCustomer(ACCOUNT.id, 'cus_ada')) === null) {
          await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
        }
        const { kind } = await storage.findLicense(ACCOUNT.id, sale.target.canonicalKey)
        if (kind === 'gone') outcomeOf(await sellAgain(), 'created')
        assert.equal(await takenSlots(storage, sale), 0, name)
      }
    },

    'it rests after reopening': {
      needs: ['persistence'],
      run: async ({ storage, reopen }) => {
        const sale = await sell(storage, { maxActivations: 1 })
        const resting = await surrendered(storage, sale, FIRST)
        const reopened = await reopen()
        assert.deepEqual(await storedOn(reopened, sale, 'host-1'), resting)
        outcomeOf(await release(reopened, sale, 'host-1', { proofKey: FIRST }), 'not-active')
        outcomeOf(await claim(reopened, sale, back()), 'resumed')
        assert.equal((await storedOn(await reopen(), sale, 'host-1'))?.surrenderedAt, null)
      },
    },
  },
}
