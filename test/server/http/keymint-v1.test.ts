import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  expectAnswer,
  expectMalformed,
  expectRefusal,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  storedLicense,
  UNKNOWN_ID,
  UNKNOWN_KEY,
} from './actions'
import { type Fixture, startFixture } from './harness'

describe("KeyMint's first version", () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())

  const create = (fields: Record<string, unknown> = {}) =>
    post(fixture, '/create-key', { productId: fixture.productId, ...fields })

  it.each([
    ['usesPerKey', { usesPerKey: 3 }, 3],
    ['usesPerKey as a string', { usesPerKey: '3' }, 3],
    ['maxActivations', { maxActivations: 4 }, 4],
    ['both: usesPerKey leads', { usesPerKey: 3, maxActivations: 4 }, 3],
    ['neither', {}, null],
    ['null', { usesPerKey: null }, null],
  ])('POST /create-key takes the limit from %s', async (_, fields, limit) => {
    const answer = await create(fields)
    expectAnswer(answer, 200, { code: 0, key: expect.stringMatching(/^[A-Z0-9]{5}(-[A-Z0-9]{5}){3}$/) })
    expect((await storedLicense(fixture, answer.body.key)).maxActivations).toBe(limit)
  })

  it('POST /create-key makes one key only, with a month to go', async () => {
    const answer = await create({ amountKeys: 3 })
    expectAnswer(answer, 200, { code: 0, key: expect.any(String) })
    expect((await storedLicense(fixture, answer.body.key)).expiresAt).toEqual(new Date('2026-07-15T12:00:00Z'))
  })

  it('POST /create-key refuses as POST /key does', async () => {
    expectRefusal(await create({ productId: undefined }), 400, 1, 'Missing required params')
    expectMalformed(await create({ usesPerKey: 0 }), 'usesPerKey')
    expectMalformed(await create({ expiryDate: 'soon' }), 'expiryDate')
    expectRefusal(await create({ productId: UNKNOWN_ID }), 404, 1, 'Invalid license key')
    expectRefusal(await create({ customerId: UNKNOWN_ID }), 400, 1, 'Customer not found')
    const both = { customerId: UNKNOWN_ID, newCustomer: { name: 'Ada' } }
    expectRefusal(await create(both), 400, 1, 'Cannot specify both customerId and newCustomer')
  })

  it('POST /activate-key answers in snake_case', async () => {
    const key = await makeKey(fixture, { newCustomer: { name: 'Ada', email: 'ada@example.com' } })
    expectAnswer(await post(fixture, '/activate-key', named(fixture, key, { hostId: 'host' })), 200, {
      code: 0,
      message: 'License valid',
      licensee_name: 'Ada',
      licensee_email: 'ada@example.com',
      license_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    })
    const anonymous = await post(fixture, '/activate-key', named(fixture, await makeKey(fixture), { hostId: 'host' }))
    expect(anonymous.body).toMatchObject({ licensee_name: null, licensee_email: null })
  })

  it('POST /activate-key requires the hostId', async () => {
    const key = await makeKey(fixture)
    for (const body of [named(fixture, key), named(fixture, key, { hostId: null })]) {
      expectRefusal(await post(fixture, '/activate-key', body), 400, 1, 'Missing required params')
    }
    expectMalformed(await post(fixture, '/activate-key', named(fixture, key, { hostId: '' })), 'hostId')
    expectMalformed(await post(fixture, '/activate-key', named(fixture, key, { hostId: 5 })), 'hostId')
    expect((await storedLicense(fixture, key)).activationCount).toBe(0)
  })

  it('shares its licenses with the other families', async () => {
    const key: string = (await create({ usesPerKey: 1 })).body.key
    expect((await activateHost(fixture, key, 'host')).status).toBe(200)
    const second = await post(fixture, '/activate-key', named(fixture, key, { hostId: 'second' }))
    expectRefusal(second, 403, 2, 'Activation limit reached')
    const again = await post(fixture, '/activate-key', named(fixture, key, { hostId: 'host' }))
    expect(again.status).toBe(200)
    expect((await post(fixture, '/deactivate-key', named(fixture, key, { hostId: 'host' }))).status).toBe(200)
  })

  it('refuses unknown keys on every route', async () => {
    const body = named(fixture, UNKNOWN_KEY, { hostId: 'host' })
    for (const path of ['/activate-key', '/deactivate-key', '/get-key', '/block-key', '/unblock-key']) {
      expectRefusal(await post(fixture, path, body), 404, 1, 'Invalid license key')
    }
  })
})
