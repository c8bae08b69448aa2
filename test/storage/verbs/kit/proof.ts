import assert from 'node:assert/strict'
import { startActivation } from '../../../../src/domain/activation'
import type { Release } from '../../../../src/domain/decide-release'
import type { Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
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
import { everythingIn, revoked, takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'
import { boundKeys, slotOf, takenOver, thumbprintsOf } from './takeovers'

const FIRST = newProofKey('first')
const SECOND = newProofKey('second')
const THIRD = newProofKey('third')

/** Makes the product ask every app for a key, or no more. */
function requireProof(storage: Store, { product }: Sale, requires: boolean) {
  return storage.updateProduct(ACCOUNT.id, product.id, { requireProof: requires }, { now: NOW })
}

/** A claim of `host-1`, with a key and tokens of its own. */
function keyed(proofKey: string, jti = 'jti_host-1') {
  return newActivation('host-1', { proofKey, jti })
}

export const proof: ConformanceGroup = {
  name: 'proof of possession',
  tests: {
    'a host is bound to the key it shows when it takes a slot, or to none': async ({ storage }) => {
      const sale = await sell(storage)
      // Neither who asks nor what the host was called before is kept.
      const asked = { ...keyed(FIRST), trusted: true, previousHostIds: ['before'] } as const
      const { activation } = outcomeOf(await claim(storage, sale, asked), 'created')
      assert.deepEqual(activation, startActivation(sale.license, sale.product, keyed(FIRST), 0, NOW))
      outcomeOf(await claim(storage, sale, 'host-2'), 'created')
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [FIRST])
      assert.deepEqual(await boundKeys(storage, sale, 'host-2'), [])
    },

    'the same key gets the slot again, and changes nothing': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      outcomeOf(await claim(storage, sale, keyed(FIRST)), 'created')
      const before = await everythingIn(storage)
      outcomeOf(await claim(storage, sale, keyed(FIRST, 'jti_new'), after(1)), 'existing')
      assert.deepEqual(await everythingIn(storage), before)
    },

    'a bound host that shows no key is refused, and keeps its slot': async ({ storage }) => {
      const sale = await sell(storage)
      outcomeOf(await claim(storage, sale, keyed(FIRST)), 'created')
      outcomeOf(await claim(storage, sale, 'host-2'), 'created')
      const before = await everythingIn(storage)
      assert.deepEqual(await claim(storage, sale, 'host-1', after(HOUR_MS)), { kind: 'proof-required' })
      assert.deepEqual(await everythingIn(storage), before)
      outcomeOf(await claim(storage, sale, 'host-2'), 'existing')
    },

    'a product can ask every host for a key': async ({ storage }) => {
      const sale = await sell(storage)
      outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      await requireProof(storage, sale, true)
      const before = await everythingIn(storage)
      assert.deepEqual(await claim(storage, sale, 'host-1'), { kind: 'proof-required' })
      assert.deepEqual(await claim(storage, sale, 'host-2'), { kind: 'proof-required' })
      assert.deepEqual(await everythingIn(storage), before)
      const shown = newActivation('host-2', { proofKey: SECOND })
      assert.deepEqual(thumbprintsOf(outcomeOf(await claim(storage, sale, shown), 'created').activation), [SECOND])
      outcomeOf(await claim(storage, sale, keyed(FIRST, 'jti_new')), 'rebound')
      await requireProof(storage, sale, false)
      outcomeOf(await claim(storage, sale, 'host-3'), 'created')
    },

    'the vendor is asked for none, and unbinds nothing': async ({ storage }) => {
      const sale = await sell(storage)
      outcomeOf(await claim(storage, sale, keyed(FIRST)), 'created')
      await requireProof(storage, sale, true)
      const trusted = (hostId: string) => claim(storage, sale, newActivation(hostId, { trusted: true }))
      outcomeOf(await trusted('host-1'), 'existing')
      outcomeOf(await trusted('host-2'), 'created')
      outcomeOf(await trusted('host-2'), 'existing')
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [FIRST])
      assert.deepEqual(await boundKeys(storage, sale, 'host-2'), [])
    },

    'another key is bound as the youngest, at the limit too, and revokes nothing': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sell(storage, { customerId: 'cus_ada', maxActivations: 1 })
      const { license, activation: held } = outcomeOf(await claim(storage, sale, keyed(FIRST)), 'created')
      const asked = newActivation('host-1', {
        id: 'act_new',
        jti: 'jti_new',
        proofKey: SECOND,
        deviceTag: 'Ada’s Mac',
        appVersion: '1.2.3',
      })
      const now = after(1_000)
      const rebound = await claim(storage, sale, asked, now)
      const activation = takenOver(held, sale.product, asked, 0, now)
      const rows = { license, product: sale.product, customer: newCustomer('ada') }
      assert.deepEqual(rebound, { kind: 'rebound', ...rows, activation, stamp: now.getTime() })
      assert.deepEqual([activation.id, activation.jti, thumbprintsOf(activation)], [held.id, held.jti, [FIRST, SECOND]])
      const found = await storage.findActivation(ACCOUNT.id, { ...sale.target, hostId: 'host-1' })
      assert.deepEqual(found, { kind: 'found', ...rows, activation })
      assert.equal(await takenSlots(storage, sale), 1)
      assert.deepEqual(await revoked(storage), [])

      // From now on either is enough.
      outcomeOf(await claim(storage, sale, keyed(SECOND, 'jti_third'), now), 'existing')
      outcomeOf(await claim(storage, sale, 'host-1', now), 'proof-required')
      outcomeOf(await claim(storage, sale, keyed(FIRST, 'jti_third'), now), 'existing')
      assert.deepEqual(await slotOf(storage, sale, 'host-1'), activation)
    },

    'the first key a host shows is bound, whoever asks': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 2 })
      for (const host of ['host-1', 'host-2']) outcomeOf(await claim(storage, sale, host), 'created')
      outcomeOf(await claim(storage, sale, keyed(FIRST, 'jti_new')), 'rebound')
      const shown = newActivation('host-2', { proofKey: SECOND, jti: 'jti_newer', trusted: true })
      outcomeOf(await claim(storage, sale, shown), 'rebound')
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [FIRST])
      assert.deepEqual(await boundKeys(storage, sale, 'host-2'), [SECOND])
      assert.equal(await takenSlots(storage, sale), 2)
    },

    'binding a key takes nothing from who shows none, until the last token so given has ended': async ({ storage }) => {
      const sale = await sell(storage)
      const { activation } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      outcomeOf(await claim(storage, sale, keyed(FIRST), after(1_000)), 'rebound')
      const { keylessEndAt } = await slotOf(storage, sale, 'host-1')
      assert.deepEqual(keylessEndAt, activation.tokensEndAt)
      const end = activation.tokensEndAt
      const validate = (now: Date) => storage.validateActivation(ACCOUNT.id, { ...sale.target, hostId: 'host-1' }, now)
      assert.deepEqual(await claim(storage, sale, 'host-1', end), { kind: 'proof-required' })
      assert.deepEqual(await validate(end), { kind: 'proof-required' })
      assert.deepEqual(await release(storage, sale, 'host-1', {}, end), { kind: 'proof-required' })
      // Asked in time, it is given a token more, and has as long again.
      outcomeOf(await validate(new Date(end.getTime() - 1)), 'valid')
      outcomeOf(await claim(storage, sale, 'host-1', end), 'existing')
      outcomeOf(await release(storage, sale, 'host-1', {}, end), 'released')
    },

    'is asked for after the allowed hosts, before the time of the host and the limit': async ({ storage }) => {
      const activationDuration = { amount: 1, unit: 'hour' } as const
      const sale = await sell(storage, { activationDuration, maxActivations: 1, allowedHosts: [] })
      const claims = async (proofKey: string | null) => {
        const kinds: string[] = []
        for (const host of ['host-1', 'host-2']) {
          const asked = newActivation(host, { proofKey, jti: `jti_${host}_${proofKey}` })
          kinds.push((await claim(storage, sale, asked, after(HOUR_MS))).kind)
        }
        return kinds
      }
      const allow = (allowedHosts: readonly string[] | null) =>
        storage.updateLicense(ACCOUNT.id, sale.target, { allowedHosts }, { now: NOW })
      await allow(null)
      outcomeOf(await claim(storage, sale, keyed(FIRST)), 'created')
      await requireProof(storage, sale, true)
      await allow([])
      const before = await everythingIn(storage)
      assert.deepEqual(await claims(null), ['host-not-allowed', 'host-not-allowed'])
      assert.deepEqual(await claims(SECOND), ['host-not-allowed', 'host-not-allowed'])
      await allow(null)
      assert.deepEqual(await claims(null), ['proof-required', 'proof-required'])
      // A key of its own, and another: the host's time is up all the same.
      assert.deepEqual(await claims(FIRST), ['expired', 'limit-reached'])
      assert.deepEqual(await claims(SECOND), ['expired', 'limit-reached'])
      await allow([])
      assert.deepEqual(await everythingIn(storage), before)
    },

    'a bound slot moves with the oldest of its keys only, or for the vendor': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      outcomeOf(await claim(storage, sale, keyed(FIRST)), 'created')
      const move = (hostId: string, from: string, how: { proofKey?: string; trusted?: true }) =>
        claim(storage, sale, newActivation(hostId, { previousHostIds: [from], ...how }))
      outcomeOf(await move('host-2', 'host-1', {}), 'limit-reached')
      outcomeOf(await move('host-2', 'host-1', { proofKey: SECOND }), 'limit-reached')
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [FIRST])
      outcomeOf(await claim(storage, sale, keyed(SECOND)), 'rebound')
      outcomeOf(await move('host-2', 'host-1', { proofKey: SECOND }), 'limit-reached')

      const moved = outcomeOf(await move('host-2', 'host-1', { proofKey: FIRST }), 'moved')
      assert.deepEqual([moved.previousHostId, thumbprintsOf(moved.activation)], ['host-1', [FIRST, SECOND]])
      outcomeOf(await move('host-3', 'host-2', { trusted: true }), 'moved')
      assert.deepEqual(await boundKeys(storage, sale, 'host-3'), [FIRST, SECOND])
      outcomeOf(await move('host-4', 'host-3', { trusted: true, proofKey: THIRD }), 'moved')
      assert.deepEqual(await boundKeys(storage, sale, 'host-4'), [FIRST, SECOND, THIRD])
      assert.equal(await takenSlots(storage, sale), 1)
    },

    'a younger key moves the slot once the tokens of the older ones ended 14 days ago': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      const { activation } = outcomeOf(await claim(storage, sale, keyed(FIRST)), 'created')
      outcomeOf(await claim(storage, sale, keyed(SECOND)), 'rebound')
      const end = activation.tokensEndAt.getTime() + 14 * 24 * HOUR_MS
      const asked = newActivation('host-2', { previousHostIds: ['host-1'], proofKey: SECOND })
      outcomeOf(await claim(storage, sale, asked, new Date(end - 1)), 'limit-reached')
      outcomeOf(await claim(storage, sale, asked, new Date(end)), 'moved')
      assert.deepEqual(await boundKeys(storage, sale, 'host-2'), [FIRST, SECOND])
    },

    'an unbound slot moves as ever, and is bound to the key that is shown': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      outcomeOf(await claim(storage, sale, 'before'), 'created')
      const asked = newActivation('after', { proofKey: FIRST, previousHostIds: ['before'] })
      outcomeOf(await claim(storage, sale, asked), 'moved')
      assert.deepEqual(await boundKeys(storage, sale, 'after'), [FIRST])
    },

    'of the previous ids the first whose slot may be taken over counts': async ({ storage }) => {
      const sale = await sell(storage)
      outcomeOf(await claim(storage, sale, keyed(FIRST)), 'created')
      for (const host of ['host-2', 'host-3']) outcomeOf(await claim(storage, sale, host), 'created')
      const asked = newActivation('host-4', { proofKey: SECOND, previousHostIds: ['host-1', 'host-2', 'host-3'] })
      assert.equal(outcomeOf(await claim(storage, sale, asked), 'moved').previousHostId, 'host-2')
      assert.deepEqual(await boundKeys(storage, sale, 'host-1'), [FIRST])
      assert.equal(await takenSlots(storage, sale), 3)
    },

    'a bound slot is released by its key, or by the vendor': async ({ storage }) => {
      const sale = await sell(storage)
      const activate = async (proofKey: string | null) =>
        outcomeOf(await claim(storage, sale, newActivation('host-1', { proofKey })), 'created')
      await activate(FIRST)
      const before = await everythingIn(storage)
      const refused: readonly Release[] = [{}, { proofKey: null }, { proofKey: SECOND }]
      for (const how of refused) {
        assert.deepEqual(await release(storage, sale, 'host-1', how), { kind: 'proof-required' })
      }
      assert.deepEqual(await everythingIn(storage), before)
      const released = outcomeOf(await release(storage, sale, 'host-1', { proofKey: FIRST }), 'released')
      assert.equal(released.license.activationCount, 0)
      await activate(FIRST)
      outcomeOf(await release(storage, sale, 'host-1', { trusted: true }), 'released')
      await activate(null)
      // Bound to none, it asks for none, and minds none.
      outcomeOf(await release(storage, sale, 'host-1', { proofKey: FIRST }), 'released')
      assert.equal(await takenSlots(storage, sale), 0)
    },

    'a release is refused in the order of the contract': async ({ storage }) => {
      const sale = await sell(storage)
      outcomeOf(await claim(storage, sale, keyed(FIRST)), 'created')
      const kinds = async () => [
        (await release(storage, sale, 'host-1')).kind,
        (await release(storage, sale, 'host-2')).kind,
      ]
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true }, { now: NOW })
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { active: false }, { now: NOW })
      assert.deepEqual(await kinds(), ['gone', 'gone'])
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { active: true }, { now: NOW })
      assert.deepEqual(await kinds(), ['blocked', 'blocked'])
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: false }, { now: NOW })
      assert.deepEqual(await kinds(), ['proof-required', 'not-active'])
      await requireProof(storage, sale, true)
      // What the product asks for is asked where a slot is claimed.
      outcomeOf(await claim(storage, sale, newActivation('host-2', { trusted: true })), 'created')
      assert.deepEqual(await kinds(), ['proof-required', 'released'])
    },

    'a bound host is bound after reopening, to its keys in their order': {
      needs: ['persistence'],
      run: async ({ storage, reopen }) => {
        const sale = await sell(storage)
        outcomeOf(await claim(storage, sale, keyed(SECOND)), 'created')
        outcomeOf(await claim(storage, sale, keyed(FIRST), after(1)), 'rebound')
        const before = await slotOf(storage, sale, 'host-1')
        const reopened = await reopen()
        assert.deepEqual(await slotOf(reopened, sale, 'host-1'), before)
        assert.deepEqual(thumbprintsOf(before), [SECOND, FIRST])
        outcomeOf(await claim(reopened, sale, 'host-1'), 'proof-required')
        outcomeOf(await claim(reopened, sale, keyed(SECOND)), 'existing')
        outcomeOf(await release(reopened, sale, 'host-1', { proofKey: FIRST }), 'pending')
      },
    },
  },
}
