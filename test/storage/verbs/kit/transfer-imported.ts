import assert from 'node:assert/strict'
import { seeActivation } from '../../../../src/domain/activation'
import type { StoreRecord } from '../../../../src/storage/records'
import type { Store } from '../../../../src/storage/verbs/store'
import { happen, settle, take } from './delivery-scene'
import {
  ACCOUNT,
  ALL,
  after,
  CEILING,
  checkout,
  claim,
  HOUR_MS,
  LEASE_MS,
  NOW,
  newAccessToken,
  newActivation,
  newCustomer,
  newEndpoint,
  newLicense,
  newProduct,
  newProofKey,
  OTHER_ACCOUNT,
  release,
  type Sale,
} from './entities'
import { idsOf, liveSessions, revoked, revokedIds, storedLicense, takenSlots } from './observations'
import { outcomeOf, tally } from './outcomes'
import type { ConformanceGroup } from './stage'
import {
  activationRecord,
  deliveryRecord,
  EVERY_KIND,
  eventRecord,
  GROUND,
  importAll,
  importOne,
  licenseRecord,
  productRecord,
  revocationRecord,
  sessionRecord,
} from './transfer-scene'

const step = { now: NOW }

/** What a license record of that name sells. */
function saleOf(name: string): Sale {
  const license = newLicense(name)
  const product = { ...newProduct('editor'), accountId: ACCOUNT.id, packageId: 7 }
  return { product, license, target: { canonicalKey: license.canonicalKey, productId: product.id } }
}

const ONE = saleOf('one')
const FLOATING = saleOf('float')

/** An endpoint that wants everything, and events of two licenses and of none, none of which it has been told of. */
const LISTENING: readonly StoreRecord[] = [
  ...GROUND,
  licenseRecord('one'),
  licenseRecord('two'),
  { kind: 'webhook-endpoint', value: newEndpoint('plain') },
  eventRecord('c', { licenseId: 'lic_one' }),
  eventRecord('a', { licenseId: 'lic_one' }),
  eventRecord('b', { licenseId: 'lic_one' }),
  eventRecord('two', { licenseId: 'lic_two' }),
  eventRecord('none'),
]

async function filled(anotherStore: () => Promise<Store>, records: readonly StoreRecord[]): Promise<Store> {
  const store = await anotherStore()
  await importAll(store, records)
  return store
}

export const importedStores: ConformanceGroup = {
  name: 'stores that were imported',
  tests: {
    'claims see the activations that were imported, and the limit': async ({ anotherStore }) => {
      const records = [licenseRecord('one', { maxActivations: 2 }), activationRecord('host-1')]
      const store = await filled(anotherStore, [...GROUND, ...records])
      assert.equal(await takenSlots(store, ONE), 1)
      const { activation } = outcomeOf(await claim(store, ONE, 'host-1'), 'existing')
      assert.deepEqual(activation, seeActivation(activationRecord('host-1').value, ONE.product, {}, NOW))
      const many = Array.from({ length: 10 }, (_, index) => claim(store, ONE, `new-${index}`))
      assert.deepEqual(tally(await Promise.all(many)), { created: 1, 'limit-reached': 9 })
      await store.releaseActivation(ACCOUNT.id, { ...ONE.target, hostId: 'host-1' }, step)
      assert.equal(await takenSlots(store, ONE), 1)
    },

    'the counter a license was told counts nothing': async ({ anotherStore }) => {
      const store = await filled(anotherStore, [...GROUND, licenseRecord('one', { activationCount: 3 })])
      assert.equal((await storedLicense(store, ONE)).activationCount, 0)
      outcomeOf(await claim(store, ONE, 'host-1'), 'created')
      assert.equal(await takenSlots(store, ONE), 1)
      // Told again, it is left alone.
      assert.equal(await importOne(store, licenseRecord('one', { activationCount: 3 })), 'existing')
      assert.equal(await takenSlots(store, ONE), 1)
    },

    'activations above the limit are all imported, and no claim is added': async ({ anotherStore }) => {
      const license = licenseRecord('one', { maxActivations: 1, blocked: true, expiresAt: after(-1) })
      const hosts = ['host-1', 'host-2', 'host-3'].map((host) => activationRecord(host))
      const store = await filled(anotherStore, [...GROUND, license, ...hosts])
      assert.equal(await takenSlots(store, ONE), 3)
      await store.updateLicense(ACCOUNT.id, ONE.target, { blocked: false, expiresAt: null }, step)
      outcomeOf(await claim(store, ONE, 'host-4'), 'limit-reached')
      outcomeOf(await claim(store, ONE, 'host-3'), 'existing')
    },

    'activations are counted one by one, in however many batches, whatever is imported twice': async ({
      anotherStore,
    }) => {
      const store = await filled(anotherStore, [...GROUND, licenseRecord('one')])
      const hosts = Array.from({ length: 9 }, (_, index) => activationRecord(`host-${index}`))
      for (const start of [0, 2, 4, 6]) await store.importRecords(hosts.slice(start, start + 3))
      assert.equal(await takenSlots(store, ONE), 9)
    },

    'hosts are bound to their keys, and slots rest, as before': async ({ anotherStore }) => {
      const [proofKey, younger] = ['z', 'a'].map(newProofKey)
      const keys = [proofKey, younger].map((thumbprint = '') => {
        const ends = { tokensEndAt: after(HOUR_MS), until: null, leftAt: null, droppedAt: null }
        return { thumbprint, boundAt: NOW, usedAt: NOW, ...ends, recovery: null, former: [] }
      })
      const store = await filled(anotherStore, [
        ...GROUND,
        licenseRecord('one', { maxActivations: 2 }),
        activationRecord('bound', { keys, keylessEndAt: null }),
        activationRecord('resting', { surrenderedAt: NOW, keylessEndAt: null }),
      ])
      outcomeOf(await claim(store, ONE, 'bound'), 'proof-required')
      outcomeOf(await release(store, ONE, 'bound'), 'proof-required')
      outcomeOf(await release(store, ONE, 'resting'), 'not-active')
      outcomeOf(await claim(store, ONE, 'other'), 'limit-reached')
      outcomeOf(await claim(store, ONE, newActivation('bound', { proofKey: younger ?? null })), 'existing')
      outcomeOf(await claim(store, ONE, newActivation('bound', { proofKey: proofKey ?? null })), 'existing')
      outcomeOf(await release(store, ONE, 'bound', { proofKey: younger ?? null }), 'pending')
      outcomeOf(await claim(store, ONE, newActivation('resting', { jti: 'jti_again' })), 'resumed')
      assert.equal(await takenSlots(store, ONE), 2)
    },

    'tokens are found by hash, customers by email, licenses by key': async ({ anotherStore }) => {
      const token = newAccessToken('plain')
      const customer = newCustomer('ada', { email: 'Ada@Example.com' })
      const license = licenseRecord('one', { customerId: customer.id })
      const people: readonly StoreRecord[] = [
        { kind: 'access-token', value: token },
        { kind: 'customer', value: customer },
      ]
      const store = await filled(anotherStore, [...GROUND, ...people, license])
      assert.deepEqual(await store.findAccessToken(token.hash), token)
      assert.deepEqual(await store.findCustomerByEmail(ACCOUNT.id, 'aDA@example.com'), customer)
      const listed = await store.listCustomers(ACCOUNT.id, { email: 'ada@EXAMPLE.com' }, ALL)
      assert.deepEqual(listed, { items: [customer], total: 1 })
      const namesake = newCustomer('eve', { email: 'ADA@example.com' })
      outcomeOf(await store.insertCustomer(ACCOUNT.id, namesake, step), 'email-taken')

      const found = await store.findLicense(ACCOUNT.id, 'KEY-ONE')
      assert.deepEqual(found, { kind: 'found', license: license.value, customer })
      outcomeOf(await store.findLicense(OTHER_ACCOUNT.id, 'KEY-ONE'), 'foreign')
      const again = { licenses: [newLicense('two', { canonicalKey: 'KEY-ONE' })] }
      outcomeOf(await store.insertLicenses(ACCOUNT.id, again, step), 'key-taken')
      for (const filter of [{ productId: 'prod_editor' }, { customerId: 'cus_ada' }]) {
        const { items, total } = await store.listLicenses(ACCOUNT.id, filter, ALL)
        assert.deepEqual([items, total], [[license.value], 1])
      }
    },

    'package ids go on after the highest': async ({ anotherStore }) => {
      const store = await filled(anotherStore, [...GROUND, productRecord('high', 41), productRecord('low', 3)])
      const insert = async (accountId: string, name: string) => {
        const inserted = await store.insertProduct(accountId, newProduct(name), step)
        return outcomeOf(inserted, 'created').product.packageId
      }
      assert.equal(await insert(OTHER_ACCOUNT.id, 'theirs'), 42)
      await importAll(store, [productRecord('higher', 1_000)])
      assert.equal(await importOne(store, productRecord('again', 2_000, { id: 'prod_low' })), 'existing')
      assert.equal(await insert(ACCOUNT.id, 'next'), 1_001)
      const { items } = await store.listProducts(ACCOUNT.id, ALL)
      assert.deepEqual(
        items.map(({ packageId }) => packageId),
        [3, 7, 41, 1_000, 1_001],
      )
      const [found] = await store.findProductsByPackageIds(ACCOUNT.id, [41])
      assert.equal(found?.id, 'prod_high')
    },

    'signing keys come after those recorded before': async ({ anotherStore }) => {
      const store = await anotherStore()
      await store.recordSigningKeyId('kid-own', NOW)
      for (const kid of ['kid-2', 'kid-own', 'kid-1']) {
        await importOne(store, { kind: 'signing-key', value: { kid, recordedAt: after(-HOUR_MS) } })
      }
      await store.recordSigningKeyId('kid-2', NOW)
      assert.deepEqual(await store.listSigningKeyIds(), ['kid-own', 'kid-2', 'kid-1'])
    },

    'deleting a customer takes what was imported of its along': async ({ anotherStore }) => {
      const store = await filled(anotherStore, EVERY_KIND)
      outcomeOf(await store.deleteCustomer(ACCOUNT.id, 'cus_full', step), 'deleted')
      outcomeOf(await store.findLicense(ACCOUNT.id, 'KEY-ONE'), 'gone')
      const { license, activation, customer } = await store.countRecords()
      assert.deepEqual([license, activation, customer], [2, 1, 1])
      assert.equal((await store.listLicenses(ACCOUNT.id, { productId: 'prod_editor' }, ALL)).total, 1)
    },

    'an import tells no event, and delivers none': async ({ anotherStore }) => {
      const store = await filled(anotherStore, LISTENING)
      const told = LISTENING.filter(({ kind }) => kind === 'event').map(({ value }) => value)
      assert.deepEqual((await store.listEvents(ACCOUNT.id, {}, ALL)).items, told)
      assert.deepEqual(await take(store), [])
      assert.equal((await store.listDeliveries(ACCOUNT.id, {}, ALL)).total, 0)
    },

    'events go on after those imported, those of a license too': async ({ anotherStore }) => {
      const store = await filled(anotherStore, LISTENING)
      await happen(store, 'aa', 'lic_one')
      const ids = async (filter: { readonly licenseId?: string }) => {
        const { items } = await store.listEvents(ACCOUNT.id, filter, ALL)
        return items.map(({ id }) => id.replace('evt_', '')).join(' ')
      }
      assert.equal(await ids({}), 'c a b two none aa')
      assert.equal(await ids({ licenseId: 'lic_one' }), 'c a b aa')
    },

    'deliveries are taken in their order, each license in a line of its own': async ({ anotherStore }) => {
      const store = await filled(anotherStore, [
        ...LISTENING,
        deliveryRecord('c', { status: 'delivered', attempts: 1, lastAttemptAt: NOW }),
        // Under way when it was exported: counts as lost when its lease ends.
        deliveryRecord('a', { attempts: 1, lastAttemptAt: NOW, nextAttemptAt: after(HOUR_MS) }),
        deliveryRecord('b'),
        deliveryRecord('two', { status: 'dead', attempts: 9, lastAttemptAt: NOW, lastError: 'HTTP 410' }),
        deliveryRecord('none'),
      ])
      await happen(store, 'two-more', 'lic_two')
      await happen(store, 'more', 'lic_one')
      assert.deepEqual(await take(store), ['none.plain', 'two-more.plain'])
      assert.deepEqual(await take(store, after(HOUR_MS - 1)), [])
      await settle(store, 'none', 1, { kind: 'delivered' })
      await settle(store, 'two-more', 1, { kind: 'delivered' })
      assert.deepEqual(await take(store, after(HOUR_MS), 9, after(2 * HOUR_MS)), ['a.plain'])
      await settle(store, 'a', 2, { kind: 'delivered' })
      assert.deepEqual(await take(store), ['b.plain'])
      await store.redeliver(ACCOUNT.id, 'evt_c.hook_plain', NOW)
      await settle(store, 'b', 1, { kind: 'delivered' })
      assert.deepEqual(await take(store), ['c.plain'])
      await settle(store, 'c', 1, { kind: 'delivered' })
      assert.deepEqual(await take(store), ['more.plain'])
    },

    'deliveries imported in two batches wait for each other': async ({ anotherStore }) => {
      const store = await filled(anotherStore, [...LISTENING, deliveryRecord('c')])
      await importAll(store, [deliveryRecord('a'), deliveryRecord('b')])
      for (const name of ['c', 'a', 'b']) {
        assert.deepEqual(await take(store), [`${name}.plain`])
        await settle(store, name, 1, { kind: 'delivered' })
      }
    },

    'sessions hold their seats and go on with their nonces': async ({ anotherStore }) => {
      const store = await filled(anotherStore, [
        ...GROUND,
        licenseRecord('float', { type: 'floating', maxConcurrentSessions: 2 }),
        sessionRecord('host-1'),
        sessionRecord('host-2', { expiresAt: NOW }),
      ])
      assert.deepEqual(await liveSessions(store, FLOATING), [sessionRecord('host-1').value])
      outcomeOf(await checkout(store, FLOATING, 'host-3'), 'created')
      outcomeOf(await checkout(store, FLOATING, 'host-2'), 'limit-reached')
      const target = { ...FLOATING.target, sessionId: 'ses_host-1' }
      const renew = (nonce: string) =>
        store.renewSession(ACCOUNT.id, target, { nonce, nextNonce: 'nonce_next' }, { now: after(1) })
      outcomeOf(await renew('nonce_other'), 'bad-nonce')
      outcomeOf(await renew('nonce_host-1'), 'renewed')
      outcomeOf(await store.releaseSession(ACCOUNT.id, target, 'nonce_next', step), 'released')
      outcomeOf(await checkout(store, FLOATING, 'host-4', after(LEASE_MS + 1)), 'created')
    },

    'revocations stay listed, and stamps go on above the ceiling given': async ({ anotherStore }) => {
      const store = await filled(anotherStore, [
        ...GROUND,
        licenseRecord('one', { stampFloor: 4 }),
        activationRecord('host-1'),
        revocationRecord('gone', { endsAt: after(1_000) }),
        { kind: 'stamp-ceiling', value: { ceiling: CEILING } },
      ])
      assert.deepEqual(await revokedIds(store), idsOf(['lic_gone']))
      assert.deepEqual(await revokedIds(store, after(2_000)), [])
      const raise = (ceiling: number) => importOne(store, { kind: 'stamp-ceiling', value: { ceiling } })
      assert.deepEqual([await raise(CEILING - 1), await raise(CEILING)], ['existing', 'existing'])

      await store.releaseAllActivations(ACCOUNT.id, ONE.target, step)
      assert.deepEqual(await revokedIds(store), idsOf(['lic_gone'], ['lic_one']))
      const entry = (await revoked(store)).find(({ licenseId }) => licenseId === 'lic_one')
      assert.equal(entry?.stamp, CEILING)
      const { stamp } = outcomeOf(await claim(store, ONE, 'host-2'), 'created')
      assert.ok(stamp > CEILING, `${stamp} is above ${CEILING}`)
    },

    'what was revoked before it was imported again stays so': async ({ anotherStore }) => {
      const [license, activation] = [licenseRecord('one'), activationRecord('host-1')]
      const store = await filled(anotherStore, [...GROUND, license, activation])
      const floors: number[] = []
      const given = outcomeOf(await claim(store, ONE, 'host-1'), 'existing')
      outcomeOf(await store.deleteLicense(ACCOUNT.id, ONE.target, step), 'deleted')
      await importAll(store, [license, activation])
      const [entry] = await revoked(store)
      floors.push((await storedLicense(store, ONE)).stampFloor)
      for (const one of (await store.listActivations(ACCOUNT.id, 'lic_one', ALL)).items) floors.push(one.stampFloor)
      assert.ok(entry !== undefined && entry.stamp >= given.stamp)
      assert.deepEqual(floors, [entry.stamp, entry.stamp])
      assert.ok(outcomeOf(await claim(store, ONE, 'host-1'), 'existing').stamp > entry.stamp)
    },

    'tokens given out afterwards lie above an entry of their license, and of their host': async ({ anotherStore }) => {
      const stamp = CEILING + HOUR_MS
      const ofHost = { id: idsOf(['lic_one', 'host-1'])[0] ?? '', hostId: 'host-1', stamp, endsAt: after(2 * HOUR_MS) }
      const store = await filled(anotherStore, [...GROUND, licenseRecord('one'), revocationRecord('one', ofHost)])
      const other = outcomeOf(await claim(store, ONE, 'host-2'), 'created')
      assert.deepEqual([other.license.revokedStamp, other.stamp], [stamp, NOW.getTime()])
      assert.equal(outcomeOf(await claim(store, ONE, 'host-1'), 'created').stamp, stamp + 1)
      await importAll(store, [revocationRecord('one', { stamp: stamp + 7 })])
      assert.equal((await storedLicense(store, ONE)).stampFloor, stamp + 7)
      assert.equal(outcomeOf(await claim(store, ONE, 'host-2'), 'existing').stamp, stamp + 8)
    },

    'an entry that is there takes the highest stamp and the latest end, and lifts the ceiling': async ({
      anotherStore,
    }) => {
      const store = await filled(anotherStore, [
        ...GROUND,
        revocationRecord('gone', { stamp: 9, endsAt: after(1_000) }),
      ])
      const offer = async (stamp: number, end: number) => {
        const outcome = await importOne(store, revocationRecord('gone', { stamp, endsAt: after(end) }))
        const [entry] = await revoked(store)
        return [outcome, entry?.stamp, entry?.endsAt]
      }
      assert.deepEqual(await offer(9, 1_000), ['existing', 9, after(1_000)])
      assert.deepEqual(await offer(8, 999), ['existing', 9, after(1_000)])
      assert.deepEqual(await offer(10, 500), ['stored', 10, after(1_000)])
      assert.deepEqual(await offer(1, 2_000), ['stored', 10, after(2_000)])
      assert.deepEqual(await importOne(store, { kind: 'stamp-ceiling', value: { ceiling: 10 } }), 'existing')
    },
  },
}
