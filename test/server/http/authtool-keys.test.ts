import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  ask,
  expectAnswer,
  expectRefusal,
  makeAuthtoolKey,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  storedLicense,
  UNKNOWN_KEY,
} from './actions'
import { type Fixture, START, startFixture } from './harness'

const DAY_MS = 86_400_000

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterAll(() => fixture.close())
afterEach(() => {
  fixture.clock.now = START
})

const detail = (key: string) => ask(fixture, 'GET', `/public/v1/key/${key}/detail`)
const reset = (key: string) => ask(fixture, 'PATCH', `/public/v1/key/${key}/reset`)
const changeStatus = (key: string, body?: unknown) => ask(fixture, 'PATCH', `/public/v1/key/${key}/change-status`, body)
const daysLater = (days: number) => new Date(START.getTime() + days * DAY_MS)

describe('reset', () => {
  it('keeps limits and validity and counts', async () => {
    const key = await makeAuthtoolKey(fixture, { activateCount: 2, endDate: '2027-01-01' })
    const before = await storedLicense(fixture, key)
    for (const host of ['one', 'two']) await activateHost(fixture, key, host)
    expectAnswer(await reset(key), 200, { message: 'Reset successfully', resetCount: 1 })
    expectAnswer(await reset(key), 200, { message: 'Reset successfully', resetCount: 2 })
    expect(await storedLicense(fixture, key)).toMatchObject({
      maxActivations: 2,
      activationCount: 0,
      expiresAt: before.expiresAt,
      soldFor: before.soldFor,
      activationDuration: before.activationDuration,
    })
    for (const host of ['three', 'four']) expect((await activateHost(fixture, key, host)).status).toBe(200)
    expectRefusal(await activateHost(fixture, key, 'one'), 403, 2, 'Activation limit reached')
  })

  it('works in any state of the key, whatever body comes along', async () => {
    const key = await makeAuthtoolKey(fixture)
    await activateHost(fixture, key, 'host')
    await fixture.licensing.licenses.block(key)
    await fixture.licensing.licenses.update(key, { expiresAt: START })
    const answer = await ask(fixture, 'PATCH', `/public/v1/key/${key}/reset`, undefined, { rawBody: '{not json' })
    expectAnswer(answer, 200, { message: 'Reset successfully', resetCount: 1 })
  })

  it('works for keys of the other families', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    await activateHost(fixture, key, 'host')
    expect((await reset(key)).status).toBe(200)
    expect((await activateHost(fixture, key, 'other')).status).toBe(200)
  })
})

describe('detail', () => {
  it('shows a single-activation key', async () => {
    const key = await makeAuthtoolKey(fixture)
    await activateHost(fixture, key, 'host')
    const expected = {
      key: {
        activateCount: 1,
        activateLimit: 1,
        unit: 'day',
        duration: 30,
        expiredAt: '2026-07-15T12:00:00.000Z',
        isExpired: false,
      },
      devices: [
        {
          uid: 'host',
          expireAt: '2026-07-15T12:00:00.000Z',
          activeAt: '2026-06-15T12:00:00.000Z',
          isExpired: false,
          status: 1,
        },
      ],
    }
    expectAnswer(await detail(key), 200, expected)
    expectAnswer(await ask(fixture, 'GET', `/public/v1/key/${key}`), 200, expected)
  })

  it('shows null for what a key has not', async () => {
    const key = await makeKey(fixture, { expiryDate: null })
    await activateHost(fixture, key, 'host')
    expectAnswer(await detail(key), 200, {
      key: { activateCount: 1, activateLimit: null, unit: null, duration: null, expiredAt: null, isExpired: false },
      devices: [{ uid: 'host', expireAt: null, activeAt: '2026-06-15T12:00:00.000Z', isExpired: false, status: 1 }],
    })
  })

  it('shows expired and disabled keys', async () => {
    const key = await makeAuthtoolKey(fixture)
    await activateHost(fixture, key, 'host')
    await changeStatus(key, { status: 0 })
    expect((await detail(key)).body.devices[0]).toMatchObject({ isExpired: false, status: 0 })
    await fixture.licensing.licenses.update(key, { expiresAt: START })
    const { body } = await detail(key)
    expect(body.key.isExpired).toBe(true)
    expect(body.devices[0]).toMatchObject({ isExpired: true, status: 0 })
  })
})

describe('durations per device', () => {
  it('run from each activation, and end with the key at the latest', async () => {
    const key = await makeAuthtoolKey(fixture, { activateCount: 5, endDate: '2026-07-20', duration: 10, unit: 'day' })
    await activateHost(fixture, key, 'first')
    fixture.clock.now = daysLater(30)
    await activateHost(fixture, key, 'last')
    const { body } = await detail(key)
    expect(body.key).toMatchObject({ unit: 'day', duration: 10, expiredAt: '2026-07-20T00:00:00.000Z' })
    expect(body.devices).toEqual([
      {
        uid: 'last',
        activeAt: daysLater(30).toISOString(),
        expireAt: '2026-07-20T00:00:00.000Z',
        isExpired: false,
        status: 1,
      },
      {
        uid: 'first',
        activeAt: START.toISOString(),
        expireAt: daysLater(10).toISOString(),
        isExpired: true,
        status: 0,
      },
    ])
  })

  it('keep the slot of a device whose time has run out until it is freed', async () => {
    const key = await makeAuthtoolKey(fixture, { activateCount: 2, endDate: '2027-01-01', duration: 1, unit: 'month' })
    for (const host of ['one', 'two']) await activateHost(fixture, key, host)
    fixture.clock.now = new Date('2026-07-15T12:00:00Z')

    expectRefusal(await activateHost(fixture, key, 'one'), 403, 2, 'License expired')
    expectRefusal(await activateHost(fixture, key, 'three'), 403, 2, 'Activation limit reached')
    const validate = await post(fixture, '/key/validate', named(fixture, key, { hostId: 'one' }))
    expectAnswer(validate, 200, { code: 0, valid: false, reason: 'expired' })
    expect((await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'one' }))).status).toBe(200)
    expect((await activateHost(fixture, key, 'one')).status).toBe(200)
    expect((await reset(key)).body.resetCount).toBe(1)
    expect((await activateHost(fixture, key, 'two')).status).toBe(200)
  })
})

describe('change-status', () => {
  it('disables and enables', async () => {
    const key = await makeAuthtoolKey(fixture)
    for (const status of [0, 0, 1, 1]) {
      expectAnswer(await changeStatus(key, { status }), 200, { message: 'Key status changed successfully' })
      expect((await storedLicense(fixture, key)).blocked).toBe(status === 0)
    }
  })

  it.each([undefined, {}, { status: null }, { other: 1 }])(
    'asks for the status where there is none: %j',
    async (body) => {
      const key = await makeAuthtoolKey(fixture)
      expectAnswer(await changeStatus(key, body), 400, { message: 'Validation error', details: 'status is required' })
    },
  )

  it.each([2, -1, '1', true, [1], {}, 0.5])('says what is wrong with a status of %j', async (status) => {
    const key = await makeAuthtoolKey(fixture)
    const details = expect.stringContaining('status')
    expectAnswer(await changeStatus(key, { status }), 400, { message: 'Validation error', details })
  })

  it.each(['{', '[]', '"x"', '5'])('says what is wrong with the body %s', async (rawBody) => {
    const key = await makeAuthtoolKey(fixture)
    const answer = await ask(fixture, 'PATCH', `/public/v1/key/${key}/change-status`, undefined, { rawBody })
    expectAnswer(answer, 400, { message: 'Validation error', details: expect.any(String) })
  })

  it('checks the body before it looks for the key', async () => {
    expect((await changeStatus(UNKNOWN_KEY, {})).status).toBe(400)
    expectAnswer(await changeStatus(UNKNOWN_KEY, { status: 1 }), 404, { message: 'Key not found' })
  })
})

describe('delete', () => {
  it('deletes the key with its activations', async () => {
    const key = await makeAuthtoolKey(fixture)
    await activateHost(fixture, key, 'host')
    const remove = () => ask(fixture, 'DELETE', `/public/v1/key/${key}`)
    expectAnswer(await remove(), 200, { message: 'Key deleted successfully' })
    expectAnswer(await remove(), 404, { message: 'Key not found' })
    expectRefusal(await activateHost(fixture, key, 'host'), 404, 1, 'Invalid license key')
  })
})

describe('unknown keys', () => {
  it.each([UNKNOWN_KEY, 'KEY1-XXXX-XXXX-XXXX', 'x', '%20', 'ключ', 'a%2Fb', '__proto__', 'x'.repeat(4000)])(
    'named %s are 404 on every route',
    async (key) => {
      const notFound = { message: 'Key not found' }
      expectAnswer(await reset(key), 404, notFound)
      expectAnswer(await detail(key), 404, notFound)
      expectAnswer(await ask(fixture, 'GET', `/public/v1/key/${key}`), 404, notFound)
      expectAnswer(await changeStatus(key, { status: 0 }), 404, notFound)
      expectAnswer(await ask(fixture, 'DELETE', `/public/v1/key/${key}`), 404, notFound)
    },
  )

  it('named with U+0000 are malformed', async () => {
    expectAnswer(await reset('KEY%00'), 422, { message: expect.stringContaining('key') })
    expectAnswer(await detail('%00'), 422, { message: expect.stringContaining('key') })
  })
})

describe('isCleanable', () => {
  it('has keys deleted once they have expired, and only those', async () => {
    const cleanable = await makeAuthtoolKey(fixture, { duration: 1, isCleanable: true })
    const kept = await makeAuthtoolKey(fixture, { duration: 1 })
    await activateHost(fixture, cleanable, 'host')
    fixture.clock.now = new Date(daysLater(1).getTime() - 1)
    await fixture.licensing.runHousekeeping()
    expect((await detail(cleanable)).status).toBe(200)
    fixture.clock.now = daysLater(1)
    expect((await fixture.licensing.runHousekeeping()).licenses).toBe(1)
    expectAnswer(await detail(cleanable), 404, { message: 'Key not found' })
    expect((await detail(kept)).status).toBe(200)
  })

  it('has keys that never expire deleted an hour after creation', async () => {
    const key = await makeAuthtoolKey(fixture, { isCleanable: true })
    await fixture.licensing.licenses.update(key, { expiresAt: null })
    fixture.clock.now = new Date(START.getTime() + 3_599_999)
    await fixture.licensing.runHousekeeping()
    expect((await detail(key)).status).toBe(200)
    fixture.clock.now = new Date(START.getTime() + 3_600_000)
    await fixture.licensing.runHousekeeping()
    expect((await detail(key)).status).toBe(404)
  })
})
