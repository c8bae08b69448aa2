import assert from 'node:assert/strict'
import type { LicenseChanges, Store } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  ALL,
  after,
  CEILING,
  claim,
  claimAs,
  HOUR_MS,
  NOW,
  newActivation,
  newCustomer,
  newLicense,
  newProduct,
  newProofKey,
  OTHER_ACCOUNT,
  release,
  type Sale,
  sell,
  sellMore,
} from './entities'
import { everythingIn, revoked, takenSlots } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'
import { takenOver } from './takeovers'

/** The hosts of a license, by name. */
async function hostsOf(storage: Store, { license }: Sale): Promise<readonly string[]> {
  const { items } = await storage.listActivations(ACCOUNT.id, license.id, ALL)
  return items.map(({ hostId }) => hostId).toSorted()
}

export const moves: ConformanceGroup = {
  name: 'moves',
  tests: {
    'a host whose id changed takes its slot with it': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sell(storage, { customerId: 'cus_ada' })
      const { license, activation: held } = outcomeOf(await claim(storage, sale, 'before'), 'created')
      const asked = newActivation('after', {
        deviceTag: 'Ada’s Mac',
        address: '2001:db8::1',
        appVersion: '1.2.3',
        licensee: { name: 'Ada', email: null },
        previousHostIds: ['before'],
      })
      const now = after(1_000)
      const moved = await storage.claimActivation(ACCOUNT.id, sale.target, asked, { now })
      const revoked = { ...license, revokedStamp: CEILING }
      const rows = { license: revoked, product: sale.product, customer: newCustomer('ada') }
      const activation = takenOver(held, sale.product, asked, 0, now)
      assert.deepEqual(moved, { kind: 'moved', ...rows, activation, stamp: now.getTime(), previousHostId: 'before' })
      assert.equal(activation.id, held.id)

      const find = (hostId: string) => storage.findActivation(ACCOUNT.id, { ...sale.target, hostId })
      assert.deepEqual(await find('after'), { kind: 'found', ...rows, activation })
      assert.deepEqual(await find('before'), { kind: 'found', ...rows, activation: null })
      assert.deepEqual((await storage.listActivations(ACCOUNT.id, license.id, ALL)).items, [activation])
      assert.equal(await takenSlots(storage, sale), 1)
    },

    'what the claim leaves open stays, a later last-seen time too': async ({ storage }) => {
      const sale = await sell(storage)
      const given = {
        deviceTag: 'Studio',
        address: '203.0.113.7',
        appVersion: '1.0',
        licensee: { name: 'Ada', email: null },
      }
      const asked = newActivation('before', given)
      const { activation: held } = outcomeOf(
        await storage.claimActivation(ACCOUNT.id, sale.target, asked, { now: NOW }),
        'created',
      )
      const { activation } = outcomeOf(await claimAs(storage, sale, 'after', ['before'], after(-1_000)), 'moved')
      const { hostId, jti, tokensEndAt, keylessEndAt } = activation
      assert.deepEqual(activation, { ...held, hostId, jti, tokensEndAt })
      assert.deepEqual(keylessEndAt, held.tokensEndAt)
      assert.deepEqual([hostId, jti], ['after', 'jti_after'])
      assert.equal(tokensEndAt.getTime(), held.tokensEndAt.getTime() - 1_000)
    },

    'a host that was freed just before has tokens above its entry': async ({ storage }) => {
      const sale = await sell(storage)
      outcomeOf(await claim(storage, sale, 'after'), 'created')
      outcomeOf(await release(storage, sale, 'after'), 'released')
      const [entry] = await revoked(storage)
      outcomeOf(await claim(storage, sale, 'before'), 'created')
      const { activation, stamp } = outcomeOf(await claimAs(storage, sale, 'after', ['before']), 'moved')
      assert.deepEqual([activation.stampFloor, stamp], [entry?.stamp, CEILING + 1])
    },

    'asks no limit, and leaves room for nobody': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 2 })
      for (const host of ['host-1', 'host-2']) outcomeOf(await claim(storage, sale, host), 'created')
      outcomeOf(await claimAs(storage, sale, 'host-3', ['host-1']), 'moved')
      await storage.updateLicense(ACCOUNT.id, sale.target, { maxActivations: 1 }, { now: NOW })
      outcomeOf(await claimAs(storage, sale, 'host-4', ['host-2']), 'moved')
      outcomeOf(await claim(storage, sale, 'host-1'), 'limit-reached')
      assert.deepEqual(await hostsOf(storage, sale), ['host-3', 'host-4'])
      assert.equal(await takenSlots(storage, sale), 2)
    },

    'the first of the previous ids that holds a slot counts': async ({ storage }) => {
      const sale = await sell(storage)
      for (const host of ['host-1', 'host-2']) outcomeOf(await claim(storage, sale, host), 'created')
      const { previousHostId } = outcomeOf(
        await claimAs(storage, sale, 'host-3', ['unknown', 'host-2', 'host-1']),
        'moved',
      )
      assert.equal(previousHostId, 'host-2')
      assert.deepEqual(await hostsOf(storage, sale), ['host-1', 'host-3'])
    },

    'a host with a slot of its own keeps it, and the others theirs': async ({ storage }) => {
      const sale = await sell(storage)
      for (const host of ['host-1', 'host-2']) outcomeOf(await claim(storage, sale, host), 'created')
      const before = await everythingIn(storage)
      outcomeOf(await claimAs(storage, sale, 'host-2', ['host-1']), 'existing')
      assert.deepEqual(await everythingIn(storage), before)
    },

    'a host that shows the license token of its previous one has that slot only where no later was given out': async ({
      storage,
    }) => {
      const proofKey = newProofKey('first')
      const sale = await sell(storage, { maxActivations: 1 })
      outcomeOf(await claim(storage, sale, newActivation('before', { proofKey })), 'created')
      const renew = (renewal: number, days: number) =>
        storage.validateActivation(
          ACCOUNT.id,
          { ...sale.target, hostId: 'before', proofKey, renewal },
          after(days * 24 * HOUR_MS),
        )
      const copy = (renewal: number) => ({
        ...newActivation('copy', { proofKey, previousHostIds: ['before'] }),
        previousToken: { licenseId: sale.license.id, hostId: 'before', renewal },
      })
      outcomeOf(await renew(0, 1), 'valid')
      const before = await everythingIn(storage)
      outcomeOf(await claim(storage, sale, copy(0), after(25 * HOUR_MS)), 'limit-reached')
      assert.deepEqual(await everythingIn(storage), before)
      outcomeOf(await claim(storage, sale, copy(1), after(25 * HOUR_MS)), 'moved')
      assert.deepEqual(await hostsOf(storage, sale), ['copy'])
    },

    'one that comes too late for it has a free slot': async ({ storage }) => {
      const proofKey = newProofKey('first')
      const sale = await sell(storage, { maxActivations: 2 })
      outcomeOf(await claim(storage, sale, newActivation('before', { proofKey })), 'created')
      outcomeOf(
        await storage.validateActivation(
          ACCOUNT.id,
          { ...sale.target, hostId: 'before', proofKey, renewal: 0 },
          after(24 * HOUR_MS),
        ),
        'valid',
      )
      const copy = {
        ...newActivation('copy', { proofKey, previousHostIds: ['before'] }),
        previousToken: { licenseId: sale.license.id, hostId: 'before', renewal: 0 },
      }
      outcomeOf(await claim(storage, sale, copy, after(25 * HOUR_MS)), 'created')
      assert.deepEqual(await hostsOf(storage, sale), ['before', 'copy'])
    },

    'previous ids without a slot are as none': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      outcomeOf(await claimAs(storage, sale, 'host-1', ['unknown', 'host-1']), 'created')
      outcomeOf(await claimAs(storage, sale, 'host-2', ['unknown', 'host-2']), 'limit-reached')
      outcomeOf(await claimAs(storage, sale, 'host-1', []), 'existing')
      assert.equal(await takenSlots(storage, sale), 1)
    },

    'takes nothing from another license': async ({ storage }) => {
      const sale = await sell(storage)
      const other = await sellMore(storage, sale.product, 'two')
      outcomeOf(await claim(storage, other, 'before'), 'created')
      await storage.insertProduct(OTHER_ACCOUNT.id, newProduct('theirs'), { now: NOW })
      const license = newLicense('theirs', { accountId: OTHER_ACCOUNT.id, productIds: ['prod_theirs'] })
      outcomeOf(await storage.insertLicenses(OTHER_ACCOUNT.id, { licenses: [license] }, { now: NOW }), 'created')
      const target = { canonicalKey: license.canonicalKey, productId: 'prod_theirs' }
      const theirs = newActivation('theirs')
      outcomeOf(await storage.claimActivation(OTHER_ACCOUNT.id, target, theirs, { now: NOW }), 'created')

      outcomeOf(await claimAs(storage, sale, 'after', ['before', 'theirs']), 'created')
      assert.deepEqual(await hostsOf(storage, other), ['before'])
      assert.equal(await takenSlots(storage, other), 1)
      const kept = await storage.findActivation(OTHER_ACCOUNT.id, { ...target, hostId: 'theirs' })
      assert.equal(outcomeOf(kept, 'found').activation?.id, theirs.id)
    },

    'what refuses a claim refuses a move, which then changes nothing': async ({ storage }) => {
      await storage.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })
      const sale = await sell(storage, { customerId: 'cus_ada' })
      outcomeOf(await claim(storage, sale, 'before'), 'created')
      const update = (changes: LicenseChanges) => storage.updateLicense(ACCOUNT.id, sale.target, changes, { now: NOW })
      const refusal = async () => {
        const before = await everythingIn(storage)
        const { kind } = await claimAs(storage, sale, 'after', ['before'])
        if (kind !== 'moved') assert.deepEqual(await everythingIn(storage), before)
        return kind
      }
      await update({ blocked: true, expiresAt: NOW, type: 'floating', allowedHosts: ['before'] })
      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', { active: false }, { now: NOW })
      assert.equal(await refusal(), 'blocked')
      await update({ blocked: false })
      assert.equal(await refusal(), 'expired')
      await update({ expiresAt: null })
      assert.equal(await refusal(), 'customer-inactive')
      await storage.updateCustomer(ACCOUNT.id, 'cus_ada', 'toggle', { now: NOW })
      assert.equal(await refusal(), 'wrong-type')
      await update({ type: 'node-locked' })
      // The new host is asked about, not the one before.
      assert.equal(await refusal(), 'host-not-allowed')
      await update({ allowedHosts: ['after'] })
      assert.equal(await refusal(), 'moved')
    },

    'the time a host has left goes with it, and does not begin anew': async ({ storage }) => {
      const sale = await sell(storage, { activationDuration: { amount: 1, unit: 'hour' } })
      const { activation: held } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      const end = held.expiresAt ?? NOW
      const last = new Date(end.getTime() - 1)
      const { activation } = outcomeOf(await claimAs(storage, sale, 'host-2', ['host-1'], last), 'moved')
      assert.deepEqual([activation.expiresAt, activation.activatedAt], [end, NOW])
      outcomeOf(await claimAs(storage, sale, 'host-3', ['host-2'], end), 'expired')
      assert.deepEqual(await hostsOf(storage, sale), ['host-2'])
    },

    'both ids are as any other afterwards': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 2 })
      outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      outcomeOf(await claimAs(storage, sale, 'host-2', ['host-1']), 'moved')
      outcomeOf(await claimAs(storage, sale, 'host-1', ['host-2']), 'moved')
      outcomeOf(await claimAs(storage, sale, 'host-2', ['host-1']), 'moved')
      const release = (hostId: string) =>
        storage.releaseActivation(ACCOUNT.id, { ...sale.target, hostId }, { now: NOW })
      outcomeOf(await release('host-1'), 'not-active')
      outcomeOf(
        await storage.claimActivation(ACCOUNT.id, sale.target, newActivation('host-1', { id: 'act_new' }), {
          now: NOW,
        }),
        'created',
      )
      assert.equal(await takenSlots(storage, sale), 2)
      for (const host of ['host-1', 'host-2']) outcomeOf(await release(host), 'released')
      assert.equal(await takenSlots(storage, sale), 0)
    },

    'a move is there after reopening': {
      needs: ['persistence'],
      run: async ({ storage, reopen }) => {
        const sale = await sell(storage)
        outcomeOf(await claim(storage, sale, 'before'), 'created')
        outcomeOf(await claimAs(storage, sale, 'after', ['before']), 'moved')
        const reopened = await reopen()
        assert.deepEqual(await hostsOf(reopened, sale), ['after'])
        assert.equal(await takenSlots(reopened, sale), 1)
      },
    },
  },
}
