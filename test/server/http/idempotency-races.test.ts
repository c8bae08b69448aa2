import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { memoryStorage, type Storage } from 'keyslot/storage'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scratchStore } from '../../cli/scratch-folder'
import { PLAIN_MOUNT, post } from './actions'
import { faultyStorage } from './faulty-storage'
import { type Fixture, MOUNTS, startFixture } from './harness'
import { MUTATING_ROUTES, sendRoute, successStatus } from './requests'
import { makeSubject, type Subject } from './subject'

const STORES: readonly [string, () => Storage][] = [
  ['memory', memoryStorage],
  ['SQLite', () => sqliteStorage({ file: scratchStore().file })],
]

/** What is stored, for counting effects. */
async function state({ licensing, store, clock }: Fixture, subject: Subject) {
  const { licenses, customers, events } = licensing
  const one = { limit: 1 }
  const floating = await store.findLicense(licensing.accountId, subject.floatingKey)
  const sessions =
    floating.kind === 'found'
      ? (await store.listSessions(licensing.accountId, floating.license.id, clock.now, one)).total
      : 0
  return {
    licenses: (await licenses.list({}, one)).total,
    customers: (await customers.list(one)).total,
    events: (await events.list({}, one)).total,
    sessions,
  }
}

describe.each(STORES)('100 requests at once with one key, on %s', (_, makeStorage) => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT, { storage: makeStorage() })
  })
  afterAll(() => fixture.close())

  it.each(MUTATING_ROUTES)('$title: one effect; all answers are that or 409', async (route) => {
    const alone = await makeSubject(fixture)
    const before = await state(fixture, alone)
    const send = (subject: Subject, key: string) =>
      sendRoute(fixture, route, subject, { token: fixture.secret, headers: { 'Idempotency-Key': key } })
    await send(alone, crypto.randomUUID())
    const after = await state(fixture, alone)
    const effect = (name: keyof typeof after) => after[name] - before[name]

    const subject = await makeSubject(fixture)
    const start = await state(fixture, subject)
    const key = crypto.randomUUID()
    const answers = await Promise.all(Array.from({ length: 100 }, () => send(subject, key)))
    const served = answers.filter(({ status }) => status !== 409)
    expect(served.length).toBeGreaterThanOrEqual(1)
    for (const { status, body } of served) {
      expect({ status, body }).toEqual({ status: successStatus(route), body: served[0]?.body })
    }
    expect(served.filter(({ headers }) => headers.get('Idempotent-Replayed') === null)).toHaveLength(1)
    const end = await state(fixture, subject)
    for (const name of ['licenses', 'customers', 'events', 'sessions'] as const) {
      expect([name, end[name] - start[name]]).toEqual([name, effect(name)])
    }
  })
})

/** A promise, and what fulfils it. */
function gate() {
  let resolve: () => void = () => undefined
  const promise = new Promise<void>((open) => {
    resolve = open
  })
  return { promise, resolve }
}

describe('an Idempotency-Key', () => {
  let fixture: Fixture
  const rows = memoryStorage()
  const faults = faultyStorage(rows)

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT, { storage: faults.storage })
  })
  afterAll(() => fixture.close())

  const headers = (key: string) => ({ headers: { 'Idempotency-Key': key } })

  it('is in flight until its request is answered, for that token, method and path alone', async () => {
    const body = { productId: fixture.productId }
    const held = gate()
    const arrived = gate()
    // Sales to a customer do not wait for a sale to nobody that is under way.
    const customer = await fixture.licensing.customers.create({ name: 'Ada' })
    const other = { ...body, customerId: customer.id }
    faults.breakWrites('licenses', async (goOn) => {
      arrived.resolve()
      await held.promise
      return goOn()
    })
    const first = post(fixture, '/key', body, headers('slow'))
    await arrived.promise
    const second = await post(fixture, '/key', body, headers('slow'))
    expect(second).toMatchObject({ status: 409, body: { code: 1, message: expect.any(String) } })
    expect(Object.keys(second.body).sort()).toEqual(['code', 'message'])
    faults.heal()
    expect((await post(fixture, '/create-key', other, headers('slow'))).status).toBe(200)
    expect((await post(fixture, '/key', other, headers('another'))).status).toBe(200)
    held.resolve()
    const { body: answer } = await first
    const again = await post(fixture, '/key', body, headers('slow'))
    expect({ body: again.body, replayed: again.headers.get('Idempotent-Replayed') }).toEqual({
      body: answer,
      replayed: 'true',
    })
  })

  // Before, the second request was answered 409 until the first was whole or given up, after minutes.
  it('is not held by a request whose body does not come', async () => {
    const body = { productId: fixture.productId }
    const text = JSON.stringify(body)
    const stalled = httpRequest(`${fixture.url}/key`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${fixture.secret}`,
        'Content-Type': 'application/json',
        'Content-Length': text.length,
        'Idempotency-Key': 'stalled',
      },
    })
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      stalled.on('response', resolve).on('error', reject)
    })
    const arrived = once(fixture.server, 'request')
    stalled.write(text.slice(0, 5))
    await arrived
    await sleep(100)
    const whole = await post(fixture, '/key', body, headers('stalled'))
    expect({ status: whole.status, replayed: whole.headers.get('Idempotent-Replayed') }).toEqual({
      status: 200,
      replayed: null,
    })
    stalled.end(text.slice(5))
    const late = await answered
    expect({ status: late.statusCode, replayed: late.headers['idempotent-replayed'] }).toEqual({
      status: 200,
      replayed: 'true',
    })
    expect(await json(late)).toEqual(whole.body)
  })

  it('is not used up by a request that failed', async () => {
    faults.breakWrites('licenses', () => Promise.reject(new Error('disk I/O error')))
    const body = { productId: fixture.productId }
    expect((await post(fixture, '/key', body, headers('failed'))).status).toBe(500)
    faults.heal()
    const served = await post(fixture, '/key', body, headers('failed'))
    expect({ status: served.status, replayed: served.headers.get('Idempotent-Replayed') }).toEqual({
      status: 200,
      replayed: null,
    })
  })

  it('sent in two headers is refused', async () => {
    for (const [path, status] of [
      ['/key', 400],
      ['/public/v1/key/single-activate', 422],
    ] as const) {
      expect(await postTwice(path)).toBe(status)
    }
  })

  /** `fetch` would join the two into one. */
  const postTwice = (path: string) =>
    new Promise<number>((resolve, reject) => {
      const request = httpRequest(fixture.url + path, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${fixture.secret}`,
          'X-API-Key': fixture.secret,
          'Content-Type': 'application/json',
          'Idempotency-Key': ['one', 'two'],
        },
      })
      request.on('response', (response) => resolve(response.resume().statusCode ?? 0))
      request.on('error', reject)
      request.end(JSON.stringify({ productId: fixture.productId }))
    })

  it('survives a license key that was taken', async () => {
    const drawn: unknown[] = []
    // Somebody else is faster with the first key drawn: what a random source makes once in the life of a universe.
    faults.breakWrites('licenses', async (goOn, sets) => {
      const [row] = sets
        .flat()
        .flatMap((change) => ('row' in change && change.table === 'licenses' ? [change.row] : []))
      drawn.push(row?.key)
      if (row !== undefined && drawn.length === 1) {
        const taken = { kind: 'insert', table: 'licenses', row: { ...row, id: 'lic_taken' } } as const
        expect(await rows.write([[taken]])).toEqual(['written'])
      }
      return goOn()
    })
    const body = { productId: fixture.productId }
    const first = await post(fixture, '/key', body, headers('taken'))
    faults.heal()
    expect({ status: first.status, tries: drawn.length }).toEqual({ status: 200, tries: 2 })
    expect(first.body.key).toBe(drawn[1])
    expect(new Set(drawn).size).toBe(2)
    const again = await post(fixture, '/key', body, headers('taken'))
    expect({ body: again.body, replayed: again.headers.get('Idempotent-Replayed') }).toEqual({
      body: first.body,
      replayed: 'true',
    })
  })
})

describe('the payload of an Idempotency-Key', () => {
  it('may be nested deeply, where the host app has parsed it', async () => {
    const mount = MOUNTS.find(({ name }) => name.includes('parser'))
    if (mount === undefined) throw new Error('no such mount')
    const fixture = await startFixture(mount)
    const nested = `${'['.repeat(40_000)}${']'.repeat(40_000)}`
    const rawBody = `{"productId": "${fixture.productId}", "unknown": ${nested}}`
    const send = () => post(fixture, '/key', undefined, { rawBody, headers: { 'Idempotency-Key': 'deep' } })
    const first = await send()
    const again = await send()
    await fixture.close()
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body])
  })
})
