import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PostgresStorageOptions } from '../../../src/storage/postgres'
import { type PostgresServer, startPostgres } from '../../postgres/start-postgres'
import { TcpProxy } from '../../postgres/tcp-proxy'
import { ACCOUNT, NOW, newCustomer, newEndpoint, newEvent, newIdempotency } from './kit/entities'
import { allGroups } from './kit/groups'
import { storeConformance } from './kit/kit'
import type { ConformanceGroup } from './kit/stage'
import { takeAll } from './kit/take-all'
import { schemaOn } from './postgres-places'
import { createPostgresFixtures } from './postgres-schemas'
import { countRows, createPostgresScratch, FIRE } from './postgres-scratch'
import { createPostgresWorkshop } from './postgres-workers'
import { postgresStore } from './stores'

const LATER = new Date(NOW.getTime() + 1)

const scratch = createPostgresScratch()
const { startWorkers, together } = createPostgresWorkshop()

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.dispose())

describe('processes that start together on a new schema', () => {
  it('all come up, on one schema', async () => {
    const workers = await startWorkers(8)
    for (let round = 0; round < 3 * FIRE; round++) {
      const store = schemaOn(server)
      expect(await together(workers, () => ({ job: 'open', store }))).toEqual({ created: 1, exists: 7 })
      expect(await server.query(`SELECT version FROM ${store.schema}.keyslot_schema`)).toEqual([{ version: 1 }])
    }
  })
})

describe('opening refuses', () => {
  it('the schema of another program, and leaves it alone', async () => {
    const { url, schema } = schemaOn(server)
    await server.query(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.songs (title text)`)
    await expect(postgresStore({ connectionString: url, schema }).open()).rejects.toMatchObject({
      code: 'STORAGE_INCOMPATIBLE',
      message: expect.stringContaining(schema),
    })
    expect(await countRows(server, `pg_tables WHERE schemaname = '${schema}'`)).toBe(1)
  })

  it('the schema of a newer keyslot', async () => {
    const store = schemaOn(server)
    await (await scratch.open(store)).close()
    await server.query(`UPDATE ${store.schema}.keyslot_schema SET version = version + 1`)
    await expect(scratch.open(store)).rejects.toMatchObject({
      code: 'STORAGE_INCOMPATIBLE',
      message: expect.stringContaining('newer keyslot'),
    })
  })

  it('tables of the same version that are laid out in another way', async () => {
    const store = schemaOn(server)
    await (await scratch.open(store)).close()
    await server.query(`UPDATE ${store.schema}.keyslot_schema SET definitions = '{}'`)
    await expect(scratch.open(store)).rejects.toMatchObject({
      code: 'STORAGE_INCOMPATIBLE',
      message: expect.stringContaining('other tables'),
    })
  })
})

const named = (...names: readonly string[]) => allGroups.filter(({ name }) => names.includes(name))
const RACES = named('races', 'races for webhook deliveries over two handles', 'housekeeping')
const VALUES = named('values', 'claims', 'webhook deliveries')

const SETTINGS: readonly [string, readonly ConformanceGroup[], readonly string[]][] = [
  ['every transaction serializable', RACES, ['default_transaction_isolation=serializable']],
  ['every transaction repeatable read', RACES, ['default_transaction_isolation=repeatable\\ read']],
  [
    'odd ways to read and write values',
    VALUES,
    [
      ...[
        'search_path=elsewhere',
        'standard_conforming_strings=off',
        'TimeZone=Pacific/Chatham',
        'DateStyle=German,DMY',
      ],
      ...['IntervalStyle=postgres_verbose', 'extra_float_digits=-15', 'lc_messages=C', 'xmloption=document'],
      ...['quote_all_identifiers=on', 'transform_null_equals=on', 'array_nulls=off', 'row_security=off'],
    ],
  ],
]

describe.each(SETTINGS)('where the server makes %s', (_, groups, settings) => {
  const connection: PostgresStorageOptions['connection'] = {
    options: settings.map((setting) => `-c ${setting}`).join(' '),
  }
  storeConformance({ describe, it }, createPostgresFixtures(connection), { groups })
})

describe('opening that is cut off', () => {
  it.each([
    ['as the tables are made', 'signing_keys', 'before', false],
    ['as the tables are stored', 'COMMIT\0', 'before', false],
    ['when all is stored', 'COMMIT\0', 'after', true],
  ] as const)('(%s) leaves all or nothing, and succeeds the next time', async (_, text, when, isStored) => {
    const { url, schema } = schemaOn(server)
    const proxy = new TcpProxy([server.port])
    await proxy.listen()
    const through = Object.assign(new URL(url), { port: String(proxy.port) }).href
    const cut = proxy.cutAt(text, when)
    const storage = postgresStore({ connectionString: through, schema })
    await expect(storage.open()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await cut
    expect(await countRows(server, `pg_namespace WHERE nspname = '${schema}'`)).toBe(isStored ? 1 : 0)
    await storage.open()
    expect(await storage.insertAccount(ACCOUNT)).toEqual({ kind: 'created' })
    await storage.close()
    await proxy.close()
  })
})

describe('whatever plan the server makes', () => {
  it('no more is taken than was asked for', async () => {
    // What is left is to go through the due ones again for each of all rows.
    const off = ['hashjoin', 'mergejoin', 'material', 'bitmapscan', 'hashagg', 'sort', 'indexscan']
    const options = off.map((name) => `-c enable_${name}=off`).join(' ')
    const storage = await scratch.open(schemaOn(server), { connection: { options } })
    await storage.insertWebhookEndpoint(ACCOUNT.id, newEndpoint('crm'), { now: NOW })
    for (let index = 0; index < 30; index++) {
      const events = { created: [newEvent(`${index}`)] }
      const step = { now: NOW, events, idempotency: newIdempotency(`${index}`, { expiresAt: LATER }) }
      await storage.insertCustomer(ACCOUNT.id, newCustomer(`${index}`), step)
    }
    expect((await takeAll(storage, NOW, LATER, 7)).length).toBe(7)
    expect(await storage.purgeExpired(LATER, 7)).toMatchObject({ idempotencyRecords: 7 })
  })
})

describe('an app that parses every type in ways of its own', () => {
  it('changes nothing of what is stored and read', async () => {
    const [worker] = await startWorkers(1)
    const report = await together(worker === undefined ? [] : [worker], () => ({
      job: 'conform',
      url: server.url,
      groups: VALUES.map(({ name }) => name),
    }))
    expect(report).toEqual({ passed: VALUES.reduce((sum, { tests }) => sum + Object.keys(tests).length, 0) })
  })
})

describe('a handle', () => {
  it('is reopened on what it closed', async () => {
    const store = schemaOn(server)
    const storage = await scratch.open(store)
    await storage.close()
    await storage.open()
    expect(await storage.findAccount(ACCOUNT.id)).toEqual(ACCOUNT)
  })
})
