import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Store } from '../../../src/storage/verbs/store'
import { type ScratchSchema, scratchSchema } from '../../postgres/scratch-schema'
import { ACCOUNT, after, HOUR_MS, NOW, newEvent, newIdempotency } from './kit/entities'
import { mutatingVerbs, setScene } from './kit/mutating-verbs'
import { everythingIn } from './kit/observations'
import { takeAll } from './kit/take-all'
import { postgresStore } from './stores'

/** What the README says a database user needs. */
const storages: Store[] = []
const schemas: ScratchSchema[] = []

afterEach(async () => {
  for (const storage of storages.splice(0)) await storage.close()
  for (const schema of schemas.splice(0)) await schema.drop()
})

async function scratch(): Promise<ScratchSchema> {
  const made = await scratchSchema()
  schemas.push(made)
  return made
}

const APP = 'keyslot_app'

beforeAll(async () => {
  const { pool } = await scratchSchema()
  await pool.query(`DROP ROLE IF EXISTS ${APP}`)
  await pool.query(`CREATE ROLE ${APP} LOGIN PASSWORD '${APP}'`)
  return async () => {
    await pool.query(`DROP OWNED BY ${APP}`)
    await pool.query(`DROP ROLE ${APP}`)
  }
})

/** A storage as the app's user, not open. */
function asApp({ url, schema }: ScratchSchema): Store {
  const connectionString = Object.assign(new URL(url), { username: APP, password: APP }).href
  const storage = postgresStore({ connectionString, schema })
  storages.push(storage)
  return storage
}

/** Every verb that changes something, with an event and an idempotency record; and what looks and sweeps. */
async function work(storage: Store) {
  await storage.insertAccount(ACCOUNT)
  await storage.recordSigningKeyId('kid-1', NOW)
  await setScene(storage)
  for (const [name, { kind, call }] of Object.entries(mutatingVerbs)) {
    const step = { now: NOW, events: { [kind]: [newEvent(name)] }, idempotency: newIdempotency(name) }
    await call(storage, ACCOUNT.id, step)
  }
  await everythingIn(storage)
  const [taken] = await takeAll(storage, NOW, after(HOUR_MS), 10)
  await storage.settleDelivery(taken?.delivery.id ?? '', 1, { kind: 'delivered' })
  await storage.purgeExpired(new Date('2040-01-01'), 100)
}

describe('the rights of a database user', () => {
  it('suffice when it may make schemas in the database', async () => {
    const place = await scratch()
    await place.pool.query(`GRANT CREATE ON DATABASE postgres TO ${APP}`)
    const storage = asApp(place)
    await storage.open()
    await place.pool.query(`REVOKE CREATE ON DATABASE postgres FROM ${APP}`)
    await work(storage)
  })

  it('suffice when it owns a schema somebody made for it', async () => {
    const place = await scratch()
    await place.pool.query(`CREATE SCHEMA ${place.schema} AUTHORIZATION ${APP}`)
    const storage = asApp(place)
    await storage.open()
    await work(storage)
  })

  it('suffice to work, not to change tables, with those for rows of a schema another user keeps up to date', async () => {
    const place = await scratch()
    const owner = postgresStore({ connectionString: place.url, schema: place.schema })
    await owner.open()
    await owner.close()
    await place.pool.query(`GRANT USAGE ON SCHEMA ${place.schema} TO ${APP}`)
    await place.pool.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${place.schema} TO ${APP}`)
    const storage = asApp(place)
    await storage.open()
    await work(storage)
  })

  it('that do not suffice are named when it opens', async () => {
    await expect(asApp(await scratch()).open()).rejects.toThrow('the user lacks a right')
  })
})
