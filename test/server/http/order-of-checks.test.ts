import { SCOPES } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  ask,
  expectAnswer,
  expectMalformed,
  expectRefusal,
  makeKey,
  named,
  post,
  UNKNOWN_ID,
  UNKNOWN_KEY,
} from './actions'
import { type Fixture, MOUNTS, startFixture, type WireRequest } from './harness'

const FORBIDDEN = 'Insufficient permissions for this operation'
const TOO_LONG = ' '.repeat(100_001)

/** Of several faults in one request the first in the documented order answers. */
describe.each(MOUNTS)('the order of checks, mounted $name', (mount) => {
  let fixture: Fixture
  let reader: string
  let elsewhere: string
  let otherProducts: string

  beforeAll(async () => {
    fixture = await startFixture(mount)
    const { accessTokens, products } = fixture.licensing
    const other = await products.create({ name: 'Other' })
    const token = async (fields: object) =>
      (await accessTokens.create({ name: 'x', kind: 'secret', scopes: SCOPES, ...fields })).token
    reader = await token({ scopes: ['licenses:read'] })
    elsewhere = await token({ allowedAddresses: ['192.0.2.1'] })
    otherProducts = await token({ productIds: [other.id] })
  })
  afterAll(() => fixture.close())

  const keymint = (token: string, request: WireRequest) => post(fixture, '/key', undefined, { token, ...request })
  const authtool = (token: string, request: WireRequest) =>
    post(fixture, '/public/v1/key/single-activate', undefined, { token, ...request })

  it('token, then address and scope, then size, then type, then shape', async () => {
    const text = { 'Content-Type': 'text/plain' }
    const faults: WireRequest[] = [
      { rawBody: TOO_LONG, headers: text },
      { rawBody: '{', headers: text },
      { rawBody: '{' },
    ]
    for (const request of faults) {
      expectRefusal(await keymint('at_nobody', request), 401, 1, 'Invalid access token')
      expectAnswer(await authtool('at_nobody', request), 401, { message: 'Invalid API key' })
      for (const token of [reader, elsewhere]) {
        expectRefusal(await keymint(token, request), 403, 1, FORBIDDEN)
        expectAnswer(await authtool(token, request), 403, { message: FORBIDDEN })
      }
    }
    const statuses = async (call: typeof keymint) =>
      Promise.all(faults.map(async (request) => (await call(fixture.secret, request)).status))
    expect(await statuses(keymint)).toEqual([413, 415, 400])
    expect(await statuses(authtool)).toEqual([413, 415, 422])
  })

  it("shape, then the token's product list, then whether product and key exist", async () => {
    const token = otherProducts
    const { productId } = fixture
    expectRefusal(await post(fixture, '/key', {}, { token }), 400, 1, 'Missing required params')
    expectMalformed(await post(fixture, '/key', { productId, maxActivations: 0 }, { token }), 'maxActivations')
    expectMalformed(await post(fixture, '/key', { productId, format: { sections: 1 } }, { token }), 'format')
    const both = { productId, customerId: UNKNOWN_ID, newCustomer: { name: 'Ada' } }
    for (const path of ['/key', '/create-key']) {
      const answer = await post(fixture, path, both, { token })
      expectRefusal(answer, 400, 1, 'Cannot specify both customerId and newCustomer')
    }
    expectRefusal(await post(fixture, '/key', { productId }, { token }), 403, 1, FORBIDDEN)
    expectRefusal(await post(fixture, '/key', { productId: UNKNOWN_ID }, { token }), 403, 1, FORBIDDEN)
    const unknown = named(fixture, UNKNOWN_KEY, { hostId: 'host' })
    for (const path of ['/key/activate', '/key/deactivate', '/key/block', '/get-key', '/key/validate']) {
      expectRefusal(await post(fixture, path, unknown, { token }), 403, 1, FORBIDDEN)
      expectRefusal(await post(fixture, path, unknown), 404, 1, 'Invalid license key')
    }
  })

  it('a publishable token that names no host, before its product list', async () => {
    const token = fixture.publishable
    const body = { productId: UNKNOWN_ID, licenseKey: UNKNOWN_KEY }
    for (const path of ['/key/deactivate', '/deactivate-key']) {
      expectRefusal(await post(fixture, path, body, { token }), 400, 1, 'Missing required params')
      expectRefusal(await post(fixture, path, { ...body, hostId: 'host' }, { token }), 403, 1, FORBIDDEN)
    }
  })

  it('whether the key exists, then its state, then its limits', async () => {
    const key = await makeKey(fixture, {
      maxActivations: 1,
      expiryDate: '2020-01-01',
      newCustomer: { name: 'Ada' },
      allowedHosts: ['taken', 'host'],
    })
    const { licenses, customers, products } = fixture.licensing
    const customerId = (await licenses.get(key)).customer?.id ?? ''
    await licenses.update(key, { expiresAt: null })
    await activateHost(fixture, key, 'taken')
    await customers.update(customerId, { active: false })
    await licenses.update(key, { expiresAt: fixture.clock.now })
    await licenses.block(key)
    await products.update(fixture.productId, { active: false })

    const activate = (hostId = 'stranger') => activateHost(fixture, key, hostId)
    expectRefusal(await activate(), 404, 1, 'Invalid license key')
    await products.update(fixture.productId, { active: true })
    expectRefusal(await activate(), 403, 2, 'License not activated')
    await licenses.unblock(key)
    expectRefusal(await activate(), 403, 2, 'License expired')
    await licenses.update(key, { expiresAt: null })
    expectRefusal(await activate(), 403, 2, 'Customer not active')
    await customers.update(customerId, { active: true })
    expectRefusal(await activate(), 403, 2, 'Host not allowed')
    expectRefusal(await activate('host'), 403, 2, 'Activation limit reached')
    expect((await activate('taken')).status).toBe(200)
  })

  it('the state of the license before whether the host is active', async () => {
    const key = await makeKey(fixture)
    await fixture.licensing.licenses.block(key)
    const deactivate = () => post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))
    expectRefusal(await deactivate(), 403, 2, 'License not activated')
    await fixture.licensing.licenses.unblock(key)
    expectRefusal(await deactivate(), 404, 1, 'Device not found')
  })

  it('the body of a status change before its key', async () => {
    const path = `/public/v1/key/${UNKNOWN_KEY}/change-status`
    const answer = await ask(fixture, 'PATCH', path, { status: 5 })
    expectAnswer(answer, 400, { message: 'Validation error', details: expect.any(String) })
    expectAnswer(await ask(fixture, 'PATCH', path, { status: 5 }, { token: reader }), 403, { message: FORBIDDEN })
  })
})
