import assert from 'node:assert/strict'
import type { ImportOutcome, StoreRecord } from '../../../../src/storage/records'
import {
  after,
  HOUR_MS,
  NOW,
  newAccessToken,
  newCustomer,
  newEndpoint,
  newProofKey,
  newVersion,
  OTHER_ACCOUNT,
} from './entities'
import { everythingIn } from './observations'
import { overOneHandle, overTwoHandles, type Races } from './race'
import type { ConformanceGroup } from './stage'
import { testsFor } from './tests-for'
import {
  activationRecord,
  deliveryRecord,
  EVERY_KIND,
  eventRecord,
  exportAll,
  FAR,
  importAll,
  importOne,
  licenseRecord,
  productRecord,
  revocationRecord,
  sessionRecord,
  sorted,
  TEXT,
} from './transfer-scene'

const NOBODY = 'acct_unknown'

/** Each of the id of a record of `EVERY_KIND`, with something else in it. */
const EXISTING: readonly StoreRecord[] = [
  { kind: 'signing-key', value: { kid: 'kid-1', recordedAt: after(HOUR_MS) } },
  { kind: 'account', value: { ...OTHER_ACCOUNT, name: 'Usurper' } },
  productRecord('editor', 7, { name: 'Usurper' }),
  productRecord('theirs', 99, { accountId: OTHER_ACCOUNT.id }),
  { kind: 'access-token', value: newAccessToken('full', { hash: 'f'.repeat(64) }) },
  { kind: 'product-version', value: newVersion('2.0', { description: 'usurped' }) },
  { kind: 'customer', value: newCustomer('full', { email: 'usurper@example.com' }) },
  licenseRecord('one', { canonicalKey: 'KEY-USURPED', maxActivations: 99 }),
  activationRecord('host-1', { address: '198.51.100.1' }),
  sessionRecord('host-1', { nonce: 'usurped' }),
  { kind: 'stamp-ceiling', value: { ceiling: 12_344 } },
  revocationRecord('one', { stamp: 10_999, endsAt: NOW }),
  { kind: 'webhook-endpoint', value: newEndpoint('plain', { url: 'https://usurper.example.com' }) },
  eventRecord('a', { data: { usurped: true } }),
  deliveryRecord('a', { status: 'dead' }),
]

/** Each of an id of its own, with what another one has. */
const CONFLICTS: Readonly<Record<string, StoreRecord>> = {
  "a token's hash": { kind: 'access-token', value: newAccessToken('full', { id: 'tok_other' }) },
  'a package id': productRecord('other', 7),
  'a package id of another account': productRecord('other', 3),
  'an email, letter case aside': { kind: 'customer', value: newCustomer('other', { email: 'fULL@example.COM' }) },
  'a license key': licenseRecord('other', { canonicalKey: 'KEY-ONE' }),
  'a license key of another account': licenseRecord('other', { canonicalKey: 'KEY-BARE' }),
  "an activation's host": activationRecord('host-1', { id: 'act_other' }),
  "a session's seat": sessionRecord('host-1', {
    id: 'ses_other',
    proofKey: newProofKey('host-1'),
    userIdentifier: TEXT,
    expiresAt: FAR,
  }),
}

const FOREIGN = { accountId: OTHER_ACCOUNT.id }

/** Each belongs to something that is not there. */
const ORPHANS: Readonly<Record<string, StoreRecord>> = {
  'a token without its account': { kind: 'access-token', value: newAccessToken('new', { accountId: NOBODY }) },
  'a product without its account': productRecord('new', 50, { accountId: NOBODY }),
  'a version without its product': { kind: 'product-version', value: newVersion('new', { productId: 'prod_x' }) },
  'a customer without its account': { kind: 'customer', value: newCustomer('new', { accountId: NOBODY }) },
  'a license without its account': licenseRecord('new', { accountId: NOBODY }),
  'a license without its product': licenseRecord('new', { productIds: ['prod_editor', 'prod_x'] }),
  'a license for the product of another account': licenseRecord('new', { productIds: ['prod_theirs'] }),
  'a license without its customer': licenseRecord('new', { customerId: 'cus_x' }),
  'a license for the customer of another account': licenseRecord('new', {
    ...FOREIGN,
    productIds: ['prod_theirs'],
    customerId: 'cus_full',
  }),
  'an activation without its license': activationRecord('new', { licenseId: 'lic_x' }),
  'a session without its license': sessionRecord('new', { licenseId: 'lic_x' }),
  'an endpoint without its account': { kind: 'webhook-endpoint', value: newEndpoint('new', { accountId: NOBODY }) },
  'an event without its account': eventRecord('new', { accountId: NOBODY }),
  'a delivery without its endpoint': deliveryRecord('b', { id: 'evt_b.hook_x', endpointId: 'hook_x' }),
  'a delivery without its event': deliveryRecord('x'),
}

/** Each of an id of its own; what it shares with another one may be shared. */
const SHARED: Readonly<Record<string, StoreRecord>> = {
  'an email in another account': {
    kind: 'customer',
    value: newCustomer('new', { ...FOREIGN, email: 'full@example.com' }),
  },
  'no email': { kind: 'customer', value: newCustomer('new', { email: null }) },
  'a host on another license': activationRecord('host-1', { id: 'act_new', licenseId: 'lic_bare' }),
  'a seat of another license': sessionRecord('host-2', { id: 'ses_new', licenseId: 'lic_bare' }),
  'a user of a host whose other user has a seat': sessionRecord('host-2', { id: 'ses_new', userIdentifier: 'two' }),
}

/** One test for each record: what becomes of it in a store with `EVERY_KIND`, which stays as it is unless it is stored. */
function outcomes(table: Readonly<Record<string, StoreRecord>>, expected: ImportOutcome) {
  return testsFor<StoreRecord>(
    table,
    (name) => `${expected}: ${name}`,
    async ({ anotherStore }, record) => {
      const store = await anotherStore()
      await importAll(store, EVERY_KIND)
      const before = await exportAll(store)
      assert.equal(await importOne(store, record), expected)
      const later = await exportAll(store)
      if (expected === 'stored') assert.equal(later.length, before.length + 1)
      else assert.deepEqual(sorted(later), sorted(before))
    },
  )
}

const races: Races = {
  'of two imports of the same records each is stored by one': async (first, turn) => {
    const all = await Promise.all([0, 1].map((index) => turn(index).importRecords(EVERY_KIND)))
    for (const [index, { kind }] of EVERY_KIND.entries()) {
      // The accounts that every test begins with are there already.
      const expected = kind === 'account' ? 'existing' : 'stored'
      assert.deepEqual(all.map((told) => told[index]).toSorted(), ['existing', expected])
    }
    assert.deepEqual(sorted(await exportAll(first)), sorted(EVERY_KIND))
  },
}

export const importOutcomes: ConformanceGroup = {
  name: 'outcomes of an import',
  tests: {
    'existing: one of its id is there, and stays as it is': async ({ anotherStore }) => {
      const store = await anotherStore()
      await importAll(store, EVERY_KIND)
      const before = sorted(await exportAll(store))
      for (const record of EXISTING) {
        assert.equal(await importOne(store, record), 'existing', record.kind)
        assert.deepEqual(sorted(await exportAll(store)), before, record.kind)
      }
    },
    ...outcomes(CONFLICTS, 'conflict'),
    ...outcomes(ORPHANS, 'orphan'),
    ...outcomes(SHARED, 'stored'),

    'importing everything twice changes nothing': async ({ anotherStore }) => {
      const store = await anotherStore()
      await importAll(store, EVERY_KIND)
      const [records, before] = [await exportAll(store), await everythingIn(store)]
      const again = await store.importRecords(records)
      assert.deepEqual(new Set(again), new Set(['existing']))
      assert.deepEqual(await everythingIn(store), before)
      assert.deepEqual(sorted(await exportAll(store)), sorted(records))
    },

    'outcomes come in the order of the records, stored and not': async ({ anotherStore }) => {
      const store = await anotherStore()
      const told = await store.importRecords([
        // Its license comes too late.
        activationRecord('host-1'),
        ...EVERY_KIND.filter(({ kind }) => kind === 'account' || kind === 'product'),
        licenseRecord('one'),
        licenseRecord('one', { canonicalKey: 'KEY-OTHER' }),
        licenseRecord('two', { canonicalKey: 'KEY-ONE' }),
        activationRecord('host-1'),
        activationRecord('host-1'),
        activationRecord('host-1', { id: 'act_other' }),
        { kind: 'customer', value: newCustomer('ada') },
        { kind: 'customer', value: newCustomer('eve', { email: 'ADA@example.com' }) },
        licenseRecord('ada', { customerId: 'cus_ada' }),
        licenseRecord('eve', { customerId: 'cus_eve' }),
      ])
      assert.deepEqual(told, [
        'orphan',
        ...['stored', 'stored', 'stored', 'stored'],
        ...['stored', 'existing', 'conflict'],
        ...['stored', 'existing', 'conflict'],
        ...['stored', 'conflict'],
        ...['stored', 'orphan'],
      ])
      const { license, activation, customer } = await store.countRecords()
      assert.deepEqual([license, activation, customer], [2, 1, 1])
    },

    'a batch that fails leaves nothing': async ({ anotherStore }) => {
      const store = await anotherStore()
      await importAll(
        store,
        EVERY_KIND.filter(({ kind }) => kind === 'account'),
      )
      const before = await exportAll(store)
      const unreadable: StoreRecord = {
        kind: 'customer',
        value: {
          ...newCustomer('bad'),
          get name(): string {
            throw new Error('cannot be read')
          },
        },
      }
      const batch = [productRecord('new', 60), { kind: 'customer', value: newCustomer('good') }, unreadable] as const
      await assert.rejects(store.importRecords(batch))
      assert.deepEqual(sorted(await exportAll(store)), sorted(before))
    },

    ...overOneHandle(races),
    ...Object.fromEntries(
      Object.entries(overTwoHandles(races)).map(
        ([name, run]) => [`${name}, over two handles`, { needs: ['shared-store'], run }] as const,
      ),
    ),
  },
}
