import assert from 'node:assert/strict'
import type { License } from '../../../../src/domain/license'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  NOW,
  newActivation,
  newEvent,
  newProofKey,
  OTHER_ACCOUNT,
  sell,
  sellMore,
} from './entities'
import { mutatingVerbs, setScene } from './mutating-verbs'
import { outcomeOf, tally } from './outcomes'
import { sharedBy } from './spending'
import type { ConformanceGroup } from './stage'
import { testsFor } from './tests-for'

export const events: ConformanceGroup = {
  name: 'events',
  tests: {
    ...testsFor(
      mutatingVerbs,
      (name) => `${name} stores those of its outcome`,
      async ({ storage }, { kind, told, call }) => {
        await setScene(storage)
        const planned = { [kind]: [newEvent('happened')], other: [newEvent('other')] }
        const outcome = outcomeOf(await call(storage, ACCOUNT.id, { now: NOW, events: planned }), kind)
        const licenseId = 'license' in outcome ? (outcome.license as License).id : null
        const happened = newEvent('happened')
        const data = { ...happened.data, ...told }
        const stored = { ...happened, data, accountId: ACCOUNT.id, licenseId }
        assert.deepEqual(await storage.listEvents(ACCOUNT.id, {}, ALL), { items: [stored], total: 1 })
      },
    ),

    'tells of a new user how many a host has, and how many more it may have': async ({ storage }) => {
      const sale = await sell(storage)
      await claim(storage, sale, newActivation('host-1', { proofKey: newProofKey('0') }))
      for (let user = 1; user <= 3; user += 1) {
        const asked = { ...newActivation('host-1', { proofKey: newProofKey(`${user}`) }), rules: sharedBy(3) }
        const step = { now: NOW, events: { rebound: [newEvent(`${user}`, { data: {} })] } }
        outcomeOf(await storage.claimActivation(ACCOUNT.id, sale.target, asked, step), 'rebound')
      }
      const { items } = await storage.listEvents(ACCOUNT.id, {}, ALL)
      assert.deepEqual(
        items.map(({ data }) => data),
        [
          { users: 2, usersLeft: 1 },
          { users: 3, usersLeft: 0 },
          { users: 4, usersLeft: 0 },
        ],
      )
    },

    'nothing is stored for a refusal': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 1 })
      await claim(storage, sale, 'host-1')
      const planned = { created: [newEvent('created')], existing: [newEvent('existing')] }
      const step = { now: NOW, events: planned }
      const refused = await storage.claimActivation(ACCOUNT.id, sale.target, newActivation('host-2'), step)
      outcomeOf(refused, 'limit-reached')
      assert.equal((await storage.listEvents(ACCOUNT.id, {}, ALL)).total, 0)
    },

    'as many are stored as claims win': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: 3 })
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          storage.claimActivation(ACCOUNT.id, sale.target, newActivation(`host-${index}`), {
            now: NOW,
            events: { created: [newEvent(`host-${index}`)] },
          }),
        ),
      )
      assert.equal(tally(outcomes).created, 3)
      assert.equal((await storage.listEvents(ACCOUNT.id, {}, ALL)).total, 3)
    },

    'a license given beforehand stays': async ({ storage }) => {
      const sale = await sell(storage)
      const planned = { reset: [newEvent('given', { licenseId: 'lic_given' })] }
      await storage.resetLicense(ACCOUNT.id, sale.target, { now: NOW, events: planned })
      assert.equal((await storage.listEvents(ACCOUNT.id, { licenseId: 'lic_given' }, ALL)).total, 1)
      assert.equal((await storage.listEvents(ACCOUNT.id, { licenseId: 'lic_one' }, ALL)).total, 0)
    },

    'are listed in the order they were stored, by license and in pages': async ({ storage }) => {
      const sale = await sell(storage)
      const other = await sellMore(storage, sale.product, 'two')
      // Ids that sort against the order, two of them in one step and at one instant.
      for (const [index, { target }] of [sale, other, sale].entries()) {
        const planned = [
          newEvent(`${9 - 2 * index}`, { at: after(index) }),
          newEvent(`${8 - 2 * index}`, { at: after(index) }),
        ]
        await storage.resetLicense(ACCOUNT.id, target, { now: after(index), events: { reset: planned } })
      }
      const names = async (licenseId: string | undefined, limit: number, offset = 0) => {
        const filter = licenseId === undefined ? {} : { licenseId }
        const { items, total } = await storage.listEvents(ACCOUNT.id, filter, { limit, offset })
        return [items.map(({ data }) => data.name).join(''), total]
      }
      assert.deepEqual(await names(undefined, 100), ['987654', 6])
      assert.deepEqual(await names(undefined, 4, 1), ['8765', 6])
      assert.deepEqual(await names('lic_one', 100), ['9854', 4])
      assert.deepEqual(await names('lic_one', 2, 3), ['4', 4])
      assert.deepEqual(await names('lic_two', 100), ['76', 2])
      assert.deepEqual(await storage.listEvents(OTHER_ACCOUNT.id, {}, ALL), { items: [], total: 0 })
      const foreign = await storage.listEvents(OTHER_ACCOUNT.id, { licenseId: 'lic_one' }, ALL)
      assert.deepEqual(foreign, { items: [], total: 0 })
    },

    'outlive the license they are about': async ({ storage }) => {
      const sale = await sell(storage)
      const planned = { deleted: [newEvent('deleted')] }
      await storage.deleteLicense(ACCOUNT.id, sale.target, { now: NOW, events: planned })
      assert.equal((await storage.listEvents(ACCOUNT.id, { licenseId: 'lic_one' }, ALL)).total, 1)
    },
  },
}
