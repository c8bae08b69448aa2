import { SCOPES } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  ask,
  expectAnswer,
  expectRefusal,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  UNKNOWN_ID,
} from './actions'
import { type Fixture, START, startFixture } from './harness'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterAll(() => fixture.close())

const NOT_FOUND = 'Customer not found'

const create = (fields: object) => post(fixture, '/customer', fields)
const makeCustomer = async (fields: object = { name: 'Ada' }): Promise<string> => (await create(fields)).body.data.id
const byId = (customerId: string) => ask(fixture, 'GET', `/customer/by-id?customerId=${customerId}`)
const list = (query: string) => ask(fixture, 'GET', `/customer${query}`)

describe('a disabled customer', () => {
  it('stops activate, checkout and sign, and nothing else', async () => {
    const customerId = await makeCustomer()
    const key = await makeKey(fixture, { customerId })
    const floating = await makeKey(fixture, { customerId, licenseType: 'floating' })
    await activateHost(fixture, key, 'host')
    await post(fixture, '/customer/disable', { customerId })
    const about = (path: string, licenseKey: string) =>
      post(fixture, path, named(fixture, licenseKey, { hostId: 'new' }))
    const refused = async () => [
      await about('/key/activate', key),
      await about('/activate-key', key),
      await about('/key/checkout', floating),
      await about('/key/sign', key),
    ]
    for (const answer of await refused()) expectRefusal(answer, 403, 2, 'Customer not active')
    expect((await about('/key/validate', key)).body).toEqual({ code: 0, valid: false, reason: 'revoked' })
    expect((await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))).status).toBe(200)
    await post(fixture, '/customer/disable', { customerId })
    for (const answer of await refused()) expect(answer.status).toBe(200)
  })
})

describe('DELETE /customer/by-id', () => {
  const remove = (customerId: string, token = fixture.secret) =>
    ask(fixture, 'DELETE', `/customer/by-id?customerId=${customerId}`, undefined, { token })

  it('deletes the customer with its keys, their activations and seats', async () => {
    const customerId = await makeCustomer({ name: 'Gone', email: 'gone@example.com' })
    const key = await makeKey(fixture, { customerId })
    const floating = await makeKey(fixture, { customerId, licenseType: 'floating' })
    const kept = await makeKey(fixture)
    await activateHost(fixture, key, 'host')
    await post(fixture, '/key/checkout', named(fixture, floating, { hostId: 'host' }))
    const removed = { action: 'removeCustomer', status: true, message: expect.any(String), code: 0 }
    expectAnswer(await remove(customerId), 200, removed)
    for (const licenseKey of [key, floating]) {
      expectRefusal(await post(fixture, '/get-key', named(fixture, licenseKey)), 404, 1, 'Invalid license key')
      const dead = await post(fixture, '/key/activate', named(fixture, licenseKey, { hostId: 'host' }))
      expectRefusal(dead, 404, 1, 'Invalid license key')
    }
    expect((await post(fixture, '/get-key', named(fixture, kept))).status).toBe(200)
    expect((await list('?email=gone@example.com')).body.data).toEqual([])
    expectRefusal(await remove(customerId), 404, 1, NOT_FOUND)
    expect((await create({ name: 'Heir', email: 'gone@example.com' })).status).toBe(201)
  })

  it('is no matter for a token that may not touch one of the keys', async () => {
    const other = await fixture.licensing.products.create({ name: 'Other' })
    const { token } = await fixture.licensing.accessTokens.create({
      name: 'editor only',
      kind: 'secret',
      scopes: SCOPES,
      productIds: [fixture.productId],
    })
    const customerId = await makeCustomer()
    await makeKey(fixture, { customerId })
    const foreign = (await post(fixture, '/key', { productId: other.id, customerId })).body.key
    expectRefusal(await remove(customerId, token), 403, 1, 'Insufficient permissions for this operation')
    expect((await byId(customerId)).status).toBe(200)
    const visible = await ask(fixture, 'GET', `/customer/keys?customerId=${customerId}`, undefined, { token })
    expect(visible.body.data.map(({ productId }: { productId: string }) => productId)).toEqual([fixture.productId])
    await fixture.licensing.licenses.delete(foreign)
    expect((await remove(customerId, token)).status).toBe(200)
  })
})

describe('GET /customer/keys', () => {
  const keys = (customerId: string) => ask(fixture, 'GET', `/customer/keys?customerId=${customerId}`)

  it('shows every key of the customer, oldest first, and nothing else', async () => {
    const customerId = await makeCustomer()
    await makeKey(fixture)
    const terms = { maxActivations: 2, expiryDate: '2030-01-01', metadata: { a: 1 }, allowedHosts: ['host'] }
    const key = await makeKey(fixture, { customerId, ...terms })
    fixture.clock.now = new Date(START.getTime() + 1000)
    const second = await makeKey(fixture, { customerId, expiryDate: null })
    fixture.clock.now = START
    await activateHost(fixture, key, 'host')
    await fixture.licensing.licenses.block(second)
    const common = { id: expect.any(String), productId: fixture.productId, versionId: null }
    expectAnswer(await keys(customerId), 200, {
      action: 'getCustomerLicenseKeys',
      status: true,
      data: [
        { ...common, ...terms, key, activations: 1, activated: true, expirationDate: '2030-01-01T00:00:00.000Z' },
        {
          ...common,
          key: second,
          maxActivations: 0,
          activations: 0,
          activated: false,
          expirationDate: null,
          metadata: null,
          allowedHosts: null,
        },
      ].map((shown) => {
        const { expiryDate: _, ...fields } = shown as Record<string, unknown>
        return fields
      }),
      code: 0,
    })
  })

  it('says how many there are where it does not show them all', async () => {
    const customerId = await makeCustomer()
    for (let thousand = 0; thousand < 10; thousand++) {
      await post(fixture, '/key', { productId: fixture.productId, customerId, amountKeys: 1_000 })
    }
    const whole = await keys(customerId)
    expect([whole.body.data.length, whole.headers.get('x-total-count')]).toEqual([10_000, null])
    await makeKey(fixture, { customerId })
    const cut = await keys(customerId)
    expect([cut.body.data.length, cut.headers.get('x-total-count')]).toEqual([10_000, '10001'])
  })

  it('is empty for a customer without keys, and 404 for none', async () => {
    expect((await keys(await makeCustomer())).body.data).toEqual([])
    expectRefusal(await keys(UNKNOWN_ID), 404, 1, NOT_FOUND)
  })
})
