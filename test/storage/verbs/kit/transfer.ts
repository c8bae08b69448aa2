import assert from 'node:assert/strict'
import { DELIVERED_KEPT_MS } from '../../../../src/domain/webhook'
import { RECORD_KINDS, type StoreRecord } from '../../../../src/storage/records'
import type { Store } from '../../../../src/storage/verbs/store'
import { HOSTILE_STRINGS } from '../../../../src/testing/hostile-strings'
import { happen, settle, take } from './delivery-scene'
import {
  ACCOUNT,
  ALL,
  after,
  HOUR_MS,
  NOW,
  newAccessToken,
  newActivation,
  newCustomer,
  newEndpoint,
  newLicense,
  newProduct,
  newProofKey,
  newSession,
  newVersion,
  OTHER_ACCOUNT,
} from './entities'
import { setScene } from './mutating-verbs'
import { everythingIn } from './observations'
import { outcomeOf } from './outcomes'
import type { ConformanceGroup } from './stage'
import {
  activationRecord,
  deliveryRecord,
  EVERY_KIND,
  eventRecord,
  exportAll,
  exportKind,
  GROUND,
  importAll,
  importOne,
  licenseRecord,
  sessionRecord,
  sorted,
} from './transfer-scene'

const step = { now: NOW }
const target = { canonicalKey: 'KEY-ONE', productId: 'prod_editor' }
const floating = { canonicalKey: 'KEY-FLOAT', productId: 'prod_editor' }

/** Names against the order they come in, all of one instant. */
const NAMES = ['c', 'a', 'b']

/** A store with a past: things changed and gone, deliveries in every state, revocations purged. */
async function liveIn(storage: Store): Promise<void> {
  for (const kid of ['kid-2', 'kid-1']) await storage.recordSigningKeyId(kid, NOW)
  await setScene(storage)
  for (const name of NAMES) {
    await storage.insertCustomer(ACCOUNT.id, newCustomer(name), step)
    await storage.insertAccessToken(ACCOUNT.id, newAccessToken(name), step)
    await storage.insertProductVersion(ACCOUNT.id, newVersion(name), step)
    await storage.insertLicenses(ACCOUNT.id, { licenses: [newLicense(name, { customerId: `cus_${name}` })] }, step)
    await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint(name), step)
  }
  await storage.insertProduct(OTHER_ACCOUNT.id, newProduct('theirs'), step)

  const claimed = await storage.claimActivation(ACCOUNT.id, target, newActivation('host-2', { id: 'act_2' }), step)
  const { tokensEndAt } = outcomeOf(claimed, 'created').activation
  await storage.releaseActivation(ACCOUNT.id, { ...target, hostId: 'host-2' }, step)
  assert.equal((await storage.purgeExpired(tokensEndAt, 100)).revocations, 1)
  const bound = newActivation('bound', { proofKey: newProofKey('bound') })
  outcomeOf(await storage.claimActivation(ACCOUNT.id, target, bound, step), 'created')
  await storage.updateLicense(ACCOUNT.id, { canonicalKey: 'KEY-ONE' }, { blocked: true }, step)
  await storage.deleteCustomer(ACCOUNT.id, 'cus_a', step)

  const lapsing = newSession('host-9', { id: 'ses_lapsed' })
  await storage.claimSession(ACCOUNT.id, floating, lapsing, { now: after(-72 * HOUR_MS) })
  await storage.claimSession(ACCOUNT.id, floating, newSession('host-9'), step)
  for (const name of NAMES) await happen(storage, name, 'lic_one')
  await happen(storage, 'none')
  await take(storage)
  await settle(storage, 'c', 1, { kind: 'delivered' })
  await take(storage)
  await settle(storage, 'a', 1, { kind: 'dead', error: 'HTTP 410' })
}

export const transfer: ConformanceGroup = {
  name: 'moving records between stores',
  tests: {
    'every kind comes back as it went in, optional values set and null': async ({ anotherStore }) => {
      const store = await anotherStore()
      await importAll(store, EVERY_KIND)
      assert.deepEqual(sorted(await exportAll(store)), sorted(EVERY_KIND))
      assert.deepEqual(await store.listSigningKeyIds(), ['kid-2', 'kid-1'])
    },

    'strings come back as they went in': async ({ anotherStore }) => {
      const store = await anotherStore()
      const records = [...GROUND, licenseRecord('one'), licenseRecord('float', { type: 'floating' })]
      await importAll(store, [...records, { kind: 'webhook-endpoint', value: newEndpoint('plain') }])
      for (const [index, text] of HOSTILE_STRINGS.entries()) {
        const strings: readonly StoreRecord[] = [
          { kind: 'customer', value: newCustomer(`c${index}`, { name: text, createdBy: text }) },
          licenseRecord(`l${index}`, { metadata: { [text]: text }, allowedHosts: [text], key: text }),
          activationRecord(text, { id: `act_${index}`, deviceTag: text, licensee: { name: text, email: text } }),
          sessionRecord(text, { id: `ses_${index}`, userIdentifier: text, secret: text, nonce: text }),
          eventRecord(`e${index}`, { data: { [text]: [text] }, actor: { id: text, address: text } }),
          deliveryRecord(`e${index}`, { lastError: text }),
        ]
        await importAll(store, strings)
        for (const record of strings) {
          const last = (await exportKind(store, record.kind, 5)).filter((found) => isSame(found, record))
          assert.deepEqual(last, [withCount(record)])
        }
      }
    },

    'a store with a past is the same after a move, and can move on': async ({ storage, anotherStore }) => {
      await liveIn(storage)
      const second = await anotherStore()
      await importAll(second, await exportAll(storage))
      const third = await anotherStore()
      await importAll(third, await exportAll(second, 2))
      for (const moved of [second, third]) {
        assert.deepEqual(await everythingIn(moved), await everythingIn(storage))
        assert.deepEqual(sorted(await exportAll(moved)), sorted(await exportAll(storage)))
        assert.deepEqual(await moved.countRecords(), await storage.countRecords())
      }
    },

    'records come in the order lists show them, those of one instant too': async ({ storage }) => {
      await liveIn(storage)
      const ids = async (kind: StoreRecord['kind']) => {
        const records = await exportKind(storage, kind, 2)
        const ours = records.filter(({ value }) => !('accountId' in value) || value.accountId === ACCOUNT.id)
        return ours.map(({ value }) => ('id' in value ? value.id : 'kid' in value ? value.kid : ''))
      }
      const listed = ({ items }: { readonly items: readonly { readonly id: string }[] }) => items.map(({ id }) => id)
      assert.deepEqual(await ids('signing-key'), ['kid-2', 'kid-1'])
      assert.deepEqual(await ids('access-token'), listed(await storage.listAccessTokens(ACCOUNT.id, ALL)))
      assert.deepEqual(
        await ids('product-version'),
        listed(await storage.listProductVersions(ACCOUNT.id, 'prod_editor', ALL)),
      )
      assert.deepEqual(await ids('customer'), listed(await storage.listCustomers(ACCOUNT.id, {}, ALL)))
      assert.deepEqual(await ids('license'), listed(await storage.listLicenses(ACCOUNT.id, {}, ALL)))
      assert.deepEqual(await ids('event'), listed(await storage.listEvents(ACCOUNT.id, {}, ALL)))
      assert.deepEqual(await ids('webhook-endpoint'), listed(await storage.listWebhookEndpoints(ACCOUNT.id, ALL)))
      const newestFirst = listed(await storage.listDeliveries(ACCOUNT.id, {}, ALL))
      assert.deepEqual((await ids('delivery')).toSorted(), newestFirst.toSorted())
    },

    'stretches of any length give each record once, in one order, and as many as are counted': async ({ storage }) => {
      await liveIn(storage)
      const counts = await storage.countRecords()
      for (const kind of RECORD_KINDS) {
        const all = await exportKind(storage, kind)
        assert.equal(all.length, counts[kind], `${kind}: as many as are counted`)
        for (const limit of [1, 2, 3, all.length]) {
          assert.deepEqual(await exportKind(storage, kind, Math.max(limit, 1)), all, `${kind}, ${limit} at a time`)
        }
        const last = await storage.exportRecords(kind, null, Math.max(all.length, 1))
        assert.equal(last.next, null, `${kind}: nothing follows the last`)
      }
    },

    'an empty store has nothing to give': async ({ anotherStore }) => {
      const store = await anotherStore()
      assert.deepEqual(await store.importRecords([]), [])
      const counts = await store.countRecords()
      for (const kind of RECORD_KINDS) {
        const expected: readonly StoreRecord[] = kind === 'stamp-ceiling' ? [{ kind, value: { ceiling: 0 } }] : []
        assert.deepEqual(await store.exportRecords(kind, null, 10), { records: expected, next: null })
        assert.equal(counts[kind], expected.length)
      }
    },

    'what was handed in or out can be changed without changing what is stored': async ({ anotherStore }) => {
      const store = await anotherStore()
      const handedIn = structuredClone(EVERY_KIND)
      await importAll(store, handedIn)
      const before = sorted(await exportAll(store))
      const handedOut = await exportAll(store)
      for (const { value } of [...handedIn, ...handedOut]) {
        for (const member of Object.values(value)) if (member instanceof Date) member.setTime(0)
        Object.assign(value, { name: 'changed', lastError: 'changed', version: -1 })
        if ('data' in value) Object.assign(value.data, { changed: true })
      }
      assert.deepEqual(sorted(await exportAll(store)), before)
    },

    'what was imported is there again after reopening': {
      needs: ['persistence'],
      run: async ({ storage, reopen }) => {
        await importAll(
          storage,
          EVERY_KIND.filter(({ kind }) => kind !== 'account'),
        )
        const before = sorted(await exportAll(storage))
        const again = await reopen()
        assert.deepEqual(sorted(await exportAll(again)), before)
        assert.equal(await importOne(again, licenseRecord('one')), 'existing')
      },
    },

    'a purge after the move deletes what it would have deleted before': async ({ storage, anotherStore }) => {
      await liveIn(storage)
      await storage.insertLicenses(ACCOUNT.id, { licenses: [newLicense('brief', { cleanable: true })] }, step)
      const moved = await anotherStore()
      await importAll(moved, await exportAll(storage))
      const late = after(DELIVERED_KEPT_MS + 72 * HOUR_MS)
      const [first, second] = [await storage.purgeExpired(late, 100), await moved.purgeExpired(late, 100)]
      assert.equal(first.licenses, 1)
      assert.deepEqual(second, { ...first, idempotencyRecords: 0 })
      assert.deepEqual(await everythingIn(moved), await everythingIn(storage))
    },
  },
}

function isSame(found: StoreRecord, record: StoreRecord): boolean {
  return 'id' in found.value && 'id' in record.value && found.value.id === record.value.id
}

/** A license as it is given back: with the activations that are there. */
function withCount(record: StoreRecord): StoreRecord {
  return record.kind === 'license' ? { ...record, value: { ...record.value, activationCount: 0 } } : record
}
