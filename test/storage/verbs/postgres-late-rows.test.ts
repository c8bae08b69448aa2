import type pg from 'pg'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Store } from '../../../src/storage/verbs/store'
import { spend } from './allowance-scene'
import { ACCOUNT, checkout, NOW, newCustomer, newLicense, type Sale, sell, sellFloating } from './kit/entities'
import { countRows, createPostgresScratch } from './postgres-scratch'

const scratch = createPostgresScratch()

const others: pg.PoolClient[] = []
afterEach(() => {
  for (const other of others.splice(0)) other.release(true)
})

interface Late {
  /** Default: a floating license without a limit. */
  readonly sold?: (storage: Store) => Promise<Sale>
  /** The table whose rows are locked while both steps read. */
  readonly locked: string
  /** Stores a row that belongs to another. */
  readonly first: (storage: Store, sale: Sale) => Promise<unknown>
  /** Deletes the other row, having read before the first step wrote. */
  readonly second: (storage: Store, sale: Sale) => Promise<unknown>
  readonly orphans: string
}

const deleteLicense = (storage: Store, { target }: Sale) => storage.deleteLicense(ACCOUNT.id, target, { now: NOW })
const ofNoLicense = (table: string) => `@${table} WHERE license_id NOT IN (SELECT id FROM @licenses)`

const sellSeats = (storage: Store) => sellFloating(storage, { maxConcurrentSessions: null })

const LATE: Readonly<Record<string, Late>> = {
  'the first unit spent of an allowance, and its license': {
    sold: (storage) => sell(storage, { maxActivations: null }),
    locked: 'licenses',
    first: (storage) => spend(storage, 'a'),
    second: deleteLicense,
    orphans: ofNoLicense('allowances'),
  },
  'a session of a license without a limit, and the license': {
    locked: 'licenses',
    first: (storage, sale) => checkout(storage, sale, 'host-1'),
    second: deleteLicense,
    orphans: ofNoLicense('sessions'),
  },
  'a license, and its customer': {
    locked: 'customers',
    first: (storage) => {
      const licenses = [newLicense('late', { customerId: 'cus_ada' })]
      return storage.insertLicenses(ACCOUNT.id, { licenses }, { now: NOW })
    },
    second: (storage) => storage.deleteCustomer(ACCOUNT.id, 'cus_ada', { now: NOW }),
    orphans: "@licenses WHERE customer_id = 'cus_ada'",
  },
}

describe('a row that is stored while its owner is deleted by another process', () => {
  it.each(Object.entries(LATE))(
    '(%s) goes too, or is refused',
    async (_, { locked, first, second, orphans, sold = sellSeats }) => {
      const place = await scratch.schema()
      const { schema, pool } = place
      const [here, there] = [await scratch.open(place), await scratch.open(place)]
      const sale = await sold(here)
      await here.insertCustomer(ACCOUNT.id, newCustomer('ada'), { now: NOW })

      const other = await pool.connect()
      others.push(other)
      const query = async (sql: string) => (await other.query(sql)).rows
      const isWaiting = `pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${schema}%'`
      const areWaiting = (count: number) =>
        vi.waitFor(async () => expect(await countRows({ query }, isWaiting)).toBe(count), {
          timeout: 4000,
          interval: 5,
        })
      await other.query(`BEGIN; SELECT * FROM ${schema}.${locked} FOR UPDATE`)
      const one = first(here, sale).catch(() => 'refused')
      await areWaiting(1)
      const two = second(there, sale)
      await areWaiting(2)
      await other.query('COMMIT')
      await Promise.all([one, two])
      expect(await countRows({ query }, orphans.replaceAll('@', `${schema}.`))).toBe(0)
    },
  )
})
