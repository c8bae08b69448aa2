import { createKeyring, type License, type WebhookEvent } from 'keyslot/server'
import { postgresStorage } from 'keyslot/storage/postgres'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ScratchSchema, scratchSchema } from '../../postgres/scratch-schema'
import { createReceivers } from '../../server/events/receiver'
import { ask, makeKey, PLAIN_MOUNT } from '../../server/http/actions'
import { type Fixture, START, startFixture } from '../../server/http/harness'
import { newLicense } from './kit/entities'
import { countRows, say } from './postgres-scratch'

const CACHE_SECONDS = 5

const keyring = createKeyring(START)
const startReceiver = createReceivers()
const fixtures: Fixture[] = []
const schemas: ScratchSchema[] = []

afterEach(async () => {
  for (const fixture of fixtures.splice(0)) await fixture.close()
  for (const schema of schemas.splice(0)) await schema.drop()
})

/** Two app servers on one database. */
async function startInstances(): Promise<readonly [Fixture, Fixture, ScratchSchema]> {
  const scratch = await scratchSchema()
  schemas.push(scratch)
  const start = async () => {
    const fixture = await startFixture(PLAIN_MOUNT, {
      storage: postgresStorage({ connectionString: scratch.url, schema: scratch.schema, maxConnections: 5 }),
      keyring,
      accessTokenCacheSeconds: CACHE_SECONDS,
      webhooks: { allowedPrivateHosts: ['127.0.0.1'] },
    })
    fixtures.push(fixture)
    return fixture
  }
  return [await start(), await start(), scratch]
}

function pass(fixture: Fixture, milliseconds: number) {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + milliseconds)
}

describe('an access token revoked on one instance', () => {
  it('is refused there at once, and on the other when its memory ends', async () => {
    const [first, second] = await startInstances()
    const { accessTokens } = first.licensing
    const { token, accessToken } = await accessTokens.create({
      name: 'x',
      kind: 'secret',
      scopes: ['licenses:read', 'licenses:write'],
    })
    const use = async (fixture: Fixture) =>
      (await ask(fixture, 'POST', '/key', { productId: first.productId }, { token })).status
    expect([await use(first), await use(second)]).toEqual([200, 200])

    await accessTokens.revoke(accessToken.id)
    expect(await use(first)).toBe(401)
    expect(await use(second)).toBe(200)
    const elapsed = performance.now.bind(performance)
    const later = vi.spyOn(performance, 'now').mockImplementation(() => elapsed() + CACHE_SECONDS * 1000)
    expect(await use(second)).toBe(401)
    later.mockRestore()
  })
})

async function storeLicenses(fixture: Fixture, name: string, count: number, changes: Partial<License>) {
  const { licensing, store, productId } = fixture
  const licenses = Array.from({ length: count }, (_, index) =>
    newLicense(`${name}-${index}`, { accountId: licensing.accountId, productIds: [productId], ...changes }),
  )
  expect(await store.insertLicenses(licensing.accountId, { licenses }, { now: START })).toMatchObject({
    kind: 'created',
  })
}

describe('background work of two instances at once', () => {
  it('deletes each thing once', async () => {
    const [first, second, { pool, schema }] = await startInstances()
    const ended = { cleanable: true, expiresAt: new Date(START.getTime() + 1000) }
    await storeLicenses(first, 'ended', 2000, ended)
    await storeLicenses(first, 'kept', 4, {})
    await pool.query(
      `INSERT INTO ${schema}.activations (license_id, host_id, id, jti, tokens_end_at, activated_at, last_seen_at,
          recency, stamp_floor, keys, generation, revision)
        SELECT id, 'host', 'act_' || id, 'jti_' || id, $1, 0, 0, 0, 0, '[]', slot_generation, 1 FROM ${schema}.licenses WHERE cleanable`,
      [START.getTime() + 86_400_000],
    )
    await pool.query(
      `INSERT INTO ${schema}.sessions (license_id, host_id, user_identifier, seat_key, id, secret, nonce, started_at, renewed_at,
          expires_at, place, generation, revision)
        SELECT id, n, '', '', n, 's', 'n', 0, 0, $1, n, seat_generation, 1 FROM ${schema}.licenses, generate_series(1, 600) n WHERE NOT cleanable`,
      [START.getTime()],
    )
    await pool.query(
      `INSERT INTO ${schema}.idempotency_records (account_id, scope, key, payload_hash, outcome, done_at, expires_at,
          revision)
        SELECT $1, 'POST /key', n, 'h', '{}', 0, $2, 1 FROM generate_series(1, 3000) n`,
      [first.licensing.accountId, START.getTime()],
    )
    for (const fixture of [first, second]) pass(fixture, 2000)

    const startedAt = performance.now()
    const reports = await Promise.all([first, second].map(({ licensing }) => licensing.runHousekeeping()))
    const ms = Math.round(performance.now() - startedAt)
    const sum = (kind: 'licenses' | 'sessions' | 'idempotencyRecords') =>
      reports.reduce((total, report) => total + report[kind], 0)
    say('housekeeping of two instances', { reports, ms })
    expect({ licenses: sum('licenses'), sessions: sum('sessions'), records: sum('idempotencyRecords') }).toEqual({
      licenses: 2000,
      sessions: 2400,
      records: 3000,
    })
    for (const [from, left] of Object.entries({ licenses: 4, activations: 0, sessions: 0, idempotency_records: 0 })) {
      expect(await countRows({ query: async (sql) => (await pool.query(sql)).rows }, `${schema}.${from}`)).toBe(left)
    }
    // Each license is on the list, once.
    expect(await first.store.listRevocations(START, null)).toHaveLength(2000)
  })

  it('takes no more in one call than it was told to', async () => {
    const [first, , { pool, schema }] = await startInstances()
    await pool.query(
      `INSERT INTO ${schema}.idempotency_records (account_id, scope, key, payload_hash, outcome, done_at, expires_at,
          revision)
        SELECT $1, 'POST /key', n, 'h', '{}', 0, n, 1 FROM generate_series(1, 1000) n`,
      [first.licensing.accountId],
    )
    for (let call = 0; call < 10; call++) {
      expect(await first.store.purgeExpired(START, 100)).toMatchObject({ idempotencyRecords: 100 })
    }
    expect(await first.store.purgeExpired(START, 100)).toMatchObject({ idempotencyRecords: 0 })
  })
})

describe('webhooks of two instances at once', () => {
  it('are delivered once each, in order per license', async () => {
    const [first, second] = await startInstances()
    const receiver = await startReceiver()
    await first.licensing.webhooks.create({ url: `${receiver.origin}/hooks`, eventTypes: ['license.updated'] })
    const keys = await Promise.all(Array.from({ length: 10 }, () => makeKey(first)))
    const startedAt = performance.now()
    await Promise.all(
      keys.map(async (key) => {
        for (let turn = 1; turn <= 10; turn++) {
          const { licenses } = (turn % 2 === 0 ? first : second).licensing
          await licenses.update(key, { maxActivations: turn })
        }
      }),
    )
    const pending = () => first.licensing.webhooks.deliveries({ status: 'pending' }, { limit: 1 })
    await vi.waitFor(async () => expect((await pending()).total).toBe(0), { timeout: 30_000, interval: 50 })

    const { items } = await first.licensing.events.list({}, { limit: 1000 })
    const stored = items.filter(({ type }) => type === 'license.updated')
    const told = receiver.received.map(({ rawBody }) => JSON.parse(rawBody) as WebhookEvent)
    const ms = Math.round(performance.now() - startedAt)
    say('webhooks of two instances', { events: stored.length, received: told.length, ms })
    expect(stored.length).toBe(100)
    expect(told.map(({ id }) => id).toSorted()).toEqual(stored.map(({ id }) => id).toSorted())
    for (const licenseId of new Set(stored.map((event) => event.licenseId))) {
      const inOrder = (events: readonly { readonly id: string; readonly licenseId: string | null }[]) =>
        events.filter((event) => event.licenseId === licenseId).map(({ id }) => id)
      expect(inOrder(told)).toEqual(inOrder(stored))
    }
  })
})
