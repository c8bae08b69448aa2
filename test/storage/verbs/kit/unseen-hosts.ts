import assert from 'node:assert/strict'
import { LAST_SEEN_INTERVAL_MS, type UnseenSince } from '../../../../src/domain/activation'
import type { Store, UnseenHost } from '../../../../src/storage/verbs/store'
import {
  ACCOUNT,
  ALL,
  after,
  claim,
  HOUR_MS,
  NOW,
  newActivation,
  newLicense,
  newProduct,
  OTHER_ACCOUNT,
  type Sale,
  sell,
  sellMore,
} from './entities'
import { storedLicense, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'
import type { Race } from './race'
import type { ConformanceGroup } from './stage'

const step = { now: NOW }
const YEAR_MS = 365 * 24 * HOUR_MS

/** Bounds that every host a test makes is within. */
export const EVERY_HOST: UnseenSince = { lastSeenBy: after(YEAR_MS), tokensEndedBy: after(YEAR_MS) }

/** All unseen hosts, `limit` activations at a time. */
async function findAll(storage: Store, since: UnseenSince, limit = 100): Promise<readonly UnseenHost[]> {
  const found: UnseenHost[] = []
  let next: string | null = null
  do {
    const batch = await storage.findUnseen(since, next, limit)
    assert.ok(batch.hosts.length <= limit, 'at most the limit')
    found.push(...batch.hosts)
    next = batch.next
  } while (next !== null)
  return found.toSorted((a, b) => (a.hostId < b.hostId ? -1 : 1))
}

async function namesOf(storage: Store, since: UnseenSince, limit?: number): Promise<string> {
  return (await findAll(storage, since, limit)).map(({ hostId }) => hostId).join()
}

function free(storage: Store, { license }: Sale, hostId: string, since = EVERY_HOST) {
  return storage.releaseUnseen(ACCOUNT.id, { licenseId: license.id, hostId }, since, step)
}

export const unseenRaces: Readonly<Record<string, Race>> = {
  'an unseen host is freed once': async (first, turn) => {
    const sale = await sell(first)
    for (const host of ['host-1', 'host-2']) outcomeOf(await claim(first, sale, host), 'created')
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => free(turn(index), sale, 'host-1')))
    assert.deepEqual(tally(outcomes), { released: 1, kept: 19 })
    assert.equal(await takenSlots(first, sale), 1)
  },

  'a host that is seen while it is freed holds a slot all the same': async (first, turn) => {
    const sale = await sell(first, { maxActivations: 1 })
    outcomeOf(await claim(first, sale, 'host-1'), 'created')
    const since = { ...EVERY_HOST, lastSeenBy: NOW }
    for (let round = 0; round < 10; round += 1) {
      const work = [free(turn(round), sale, 'host-1', since), claim(turn(round + 1), sale, 'host-1', after(HOUR_MS))]
      const [freed, claimed] = await Promise.all(work)
      assert.equal(claimed?.kind, freed?.kind === 'released' ? 'created' : 'existing')
      assert.equal(await takenSlots(first, sale), 1)
      await first.resetLicense(ACCOUNT.id, sale.target, step)
      outcomeOf(await claim(first, sale, 'host-1'), 'created')
    }
  },
}

export const unseenHosts: ConformanceGroup = {
  name: 'unseen hosts',
  tests: {
    'are those not seen, and without a live token, to the millisecond': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: null })
      const { activation } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      for (const [host, milliseconds] of Object.entries({ 'host-2': 1, 'host-3': 2 })) {
        outcomeOf(await claim(storage, sale, host, after(milliseconds)), 'created')
      }
      const lasts = activation.tokensEndAt.getTime()
      const names = (lastSeen: number, tokensEnded: number) =>
        namesOf(storage, { lastSeenBy: after(lastSeen), tokensEndedBy: new Date(lasts + tokensEnded) })
      assert.equal(await names(-1, HOUR_MS), '')
      assert.equal(await names(0, HOUR_MS), 'host-1')
      assert.equal(await names(1, HOUR_MS), 'host-1,host-2')
      assert.equal(await names(HOUR_MS, -1), '')
      assert.equal(await names(HOUR_MS, 1), 'host-1,host-2')
      outcomeOf(await claim(storage, sale, 'host-1', after(LAST_SEEN_INTERVAL_MS)), 'existing')
      assert.equal(await names(HOUR_MS, LAST_SEEN_INTERVAL_MS - 1), 'host-2,host-3')
      assert.equal(await names(HOUR_MS, LAST_SEEN_INTERVAL_MS), 'host-1,host-2,host-3')
    },

    'are found in any account, whatever the state of their license': async ({ storage }) => {
      const sale = await sell(storage)
      const blocked = await sellMore(storage, sale.product, 'two')
      outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      outcomeOf(await claim(storage, blocked, 'host-2', after(1)), 'created')
      await storage.insertProduct(OTHER_ACCOUNT.id, newProduct('theirs'), step)
      const license = newLicense('theirs', { accountId: OTHER_ACCOUNT.id, productIds: ['prod_theirs'] })
      outcomeOf(await storage.insertLicenses(OTHER_ACCOUNT.id, { licenses: [license] }, step), 'created')
      const target = { canonicalKey: license.canonicalKey, productId: 'prod_theirs' }
      const theirs = newActivation('host-3')
      outcomeOf(await storage.claimActivation(OTHER_ACCOUNT.id, target, theirs, step), 'created')
      await storage.updateLicense(ACCOUNT.id, blocked.target, { blocked: true, type: 'floating' }, step)
      await storage.updateLicense(ACCOUNT.id, sale.target, { expiresAt: NOW }, step)
      await storage.updateProduct(ACCOUNT.id, sale.product.id, { active: false }, step)
      assert.deepEqual(await findAll(storage, EVERY_HOST), [
        { accountId: ACCOUNT.id, licenseId: 'lic_one', productId: 'prod_editor', hostId: 'host-1', lastSeenAt: NOW },
        {
          accountId: ACCOUNT.id,
          licenseId: 'lic_two',
          productId: 'prod_editor',
          hostId: 'host-2',
          lastSeenAt: after(1),
        },
        {
          accountId: OTHER_ACCOUNT.id,
          licenseId: 'lic_theirs',
          productId: 'prod_theirs',
          hostId: 'host-3',
          lastSeenAt: NOW,
        },
      ])
    },

    'a call looks at so many activations at most, and none is passed over': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: null })
      const sales = [sale, await sellMore(storage, sale.product, 'two'), await sellMore(storage, sale.product, 'three')]
      const hosts = Array.from({ length: 7 }, (_, index) => `host-${index}`)
      for (const [index, host] of hosts.entries()) {
        const of = sales[index % 3] ?? sale
        outcomeOf(await claim(storage, of, host, index % 2 === 0 ? NOW : after(HOUR_MS)), 'created')
      }
      assert.deepEqual(await storage.findUnseen({ ...EVERY_HOST, lastSeenBy: after(-1) }, null, 100), {
        hosts: [],
        next: null,
      })
      for (const limit of [1, 2, 3, 6, 7, 8]) {
        assert.equal(await namesOf(storage, EVERY_HOST, limit), hosts.join())
        assert.equal(await namesOf(storage, { ...EVERY_HOST, lastSeenBy: NOW }, limit), 'host-0,host-2,host-4,host-6')
        let calls = 1
        const none = { ...EVERY_HOST, lastSeenBy: after(-1) }
        for (let { next } = await storage.findUnseen(none, null, limit); next !== null; calls += 1) {
          next = (await storage.findUnseen(none, next, limit)).next
        }
        assert.ok(calls >= 7 / limit, `${calls} calls of ${limit}`)
      }
    },

    'none is passed over while those before it are freed': async ({ storage }) => {
      const sale = await sell(storage, { maxActivations: null })
      for (let index = 0; index < 7; index += 1) outcomeOf(await claim(storage, sale, `host-${index}`), 'created')
      let next: string | null = null
      do {
        const batch = await storage.findUnseen(EVERY_HOST, next, 2)
        for (const { hostId } of batch.hosts) outcomeOf(await free(storage, sale, hostId), 'released')
        next = batch.next
      } while (next !== null)
      assert.equal(await takenSlots(storage, sale), 0)
    },

    'are freed like any other, in whatever state their license is': async ({ storage }) => {
      const sale = await sell(storage)
      const { activation } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      outcomeOf(await claim(storage, sale, 'host-2'), 'created')
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: true, expiresAt: NOW }, step)
      const released = outcomeOf(await free(storage, sale, 'host-1'), 'released')
      assert.deepEqual(released.activation, activation)
      assert.deepEqual(released.license, await storedLicense(storage, sale))
      assert.equal(await takenSlots(storage, sale), 1)
      const { items } = await storage.listActivations(ACCOUNT.id, sale.license.id, ALL)
      assert.deepEqual(
        items.map(({ hostId }) => hostId),
        ['host-2'],
      )
      await storage.updateLicense(ACCOUNT.id, sale.target, { blocked: false, expiresAt: null }, step)
      outcomeOf(
        await storage.claimActivation(ACCOUNT.id, sale.target, newActivation('host-1', { id: 'act_new' }), step),
        'created',
      )
    },

    'are kept if they were seen since, or have a live token': async ({ storage }) => {
      const sale = await sell(storage)
      const { activation } = outcomeOf(await claim(storage, sale, 'host-1'), 'created')
      const since = { lastSeenBy: NOW, tokensEndedBy: activation.tokensEndAt }
      outcomeOf(await free(storage, sale, 'host-1', { ...since, lastSeenBy: after(-1) }), 'kept')
      outcomeOf(await free(storage, sale, 'host-1', { ...since, tokensEndedBy: NOW }), 'kept')
      outcomeOf(await free(storage, sale, 'host-2', since), 'kept')
      const { activation: seen } = outcomeOf(
        await claim(storage, sale, 'host-1', after(LAST_SEEN_INTERVAL_MS)),
        'existing',
      )
      const [lastSeenBy, tokensEndedBy] = [seen.lastSeenAt, seen.tokensEndAt]
      outcomeOf(await free(storage, sale, 'host-1', { ...since, tokensEndedBy }), 'kept')
      assert.equal(await takenSlots(storage, sale), 1)
      outcomeOf(await free(storage, sale, 'host-1', { lastSeenBy, tokensEndedBy }), 'released')
    },
  },
}
