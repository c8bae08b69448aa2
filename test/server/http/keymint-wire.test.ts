import { createKeyring, createLicensing, SCOPES } from 'keyslot/server'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectAnswer, expectMalformed, expectRefusal, makeKey, named, PLAIN_MOUNT, post, UNKNOWN_KEY } from './actions'
import { type Fixture, MOUNTS, type Mount, START, send, startFixture } from './harness'
import { KeyMintClient } from './keymint-client'
import { NewerClient } from './keymint-client-2026-09'

const FILE = {
  licenseToken: expect.any(String),
  signedKey: expect.any(String),
  signedDate: expect.any(String),
  keyId: expect.any(String),
  publicKeyFingerprint: expect.any(String),
}

const keyring = createKeyring(START)
let fixture: Fixture
const warned: string[] = []

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT, {
    keyring,
    logger: { warn: (message) => void warned.push(message), error: () => undefined },
  })
  // What a start warns of.
  warned.length = 0
})
afterEach(() => fixture.close())

const newToken = (wire?: '2026-09' | 'before') =>
  fixture.licensing.accessTokens.create({ name: 'shop', kind: 'secret', scopes: SCOPES, ...(wire && { wire }) })

/** Asks for a key as a client does, without a mind to the answer. */
const showForm = (token: string, form: 'newer' | 'older', licenseKey = UNKNOWN_KEY) => {
  const { productId } = fixture
  const query = new URLSearchParams({ productId, ...(form === 'older' && { licenseKey }) })
  const headers = form === 'newer' ? { 'x-license-key': licenseKey } : {}
  return send(fixture.url, 'GET', `/key?${query}`, { token, headers })
}

/** The form in which a token is answered. */
async function heardBy(token: string | undefined, headers: Record<string, string> = {}) {
  const answer = await send(fixture.url, 'POST', '/key/block', { token, headers, body: named(fixture, UNKNOWN_KEY) })
  return 'error' in answer.body ? '2026-09' : 'before'
}

describe('clients of both forms, on one store', () => {
  let newer: NewerClient
  let older: KeyMintClient
  let productId: string

  beforeEach(async () => {
    productId = fixture.productId
    await fixture.licensing.products.update(productId, { entitlements: ['export', 'sync'] })
    newer = new NewerClient(fixture.url, (await newToken()).token)
    older = new KeyMintClient(fixture.url, (await newToken()).token)
  })

  it('the newer go through a life of keys', async () => {
    const { data: customer } = await newer.createCustomer({ name: 'Ada' })
    const made = await newer.createKeys({ productId, amountKeys: 2, expiryDate: '', customerId: customer.id })
    expect(made.keys).toEqual([made.key, expect.any(String)])
    const key = { productId, licenseKey: made.key }
    expect((await newer.getKey(key)).data.license).toMatchObject({
      key: made.key,
      activations: 0,
      expirationDate: null,
    })
    const activated = { hostId: 'host', features: ['export', 'sync'], expirationDate: null }
    expect(await newer.activateKey({ ...key, hostId: 'host' })).toEqual(activated)
    expect(await newer.signKey({ ...key, hostId: 'host', ttl: 3600 })).toEqual(FILE)
    expect((await newer.getKey(key)).data.license.activations).toBe(1)
    expect((await newer.deactivateKey({ ...key, hostId: 'host' })).devicesRemoved).toBe(1)
    for (const hostId of ['one', 'two']) await newer.activateKey({ ...key, hostId })
    expect((await newer.deactivateKey(key)).devicesRemoved).toBe(2)
    expect((await newer.listCustomerKeys(customer.id)).toSorted()).toEqual(made.keys.toSorted())
    expect(await newer.toggleCustomer(customer.id)).toMatchObject({ customerName: 'Ada', active: false })
    const refused = { status: 403, success: false, code: 'CUSTOMER_INACTIVE', message: 'Customer not active' }
    await expect(newer.activateKey({ ...key, hostId: 'host' })).rejects.toMatchObject(refused)
    const unknown = { status: 404, success: false, code: 'LICENSE_NOT_FOUND', message: 'Invalid license key' }
    await expect(newer.getKey({ productId, licenseKey: UNKNOWN_KEY })).rejects.toMatchObject(unknown)
    expect(warned).toEqual([])
  })

  it('the newer hold a seat, and show the session where they check out again', async () => {
    const made = await newer.createKeys({ productId, amountKeys: 1, licenseType: 'floating' })
    const key = { productId, licenseKey: made.key }
    const session = await newer.checkout({ ...key, hostId: 'host' })
    expect(session.expirationDate).toBe('2026-07-15T12:00:00.000Z')
    const again = await newer.checkout({ ...key, hostId: 'host', renews: session })
    expect(again.sessionId).toBe(session.sessionId)
    const { nextNonce } = await newer.heartbeat(key, again)
    expect(await newer.checkin(key, { ...again, nextNonce })).toMatchObject({ code: 0 })
  })

  it('each use what the other made, and each is answered in its own form', async () => {
    const { keys } = await newer.createKeys({ productId, amountKeys: 3 })
    for (const licenseKey of keys) {
      expect((await older.activateKey({ productId, licenseKey, hostId: 'host' })).hostId).toBe('host')
    }
    const bulk = await older.createKey({ productId, amountKeys: 2, expiryDate: null })
    for (const licenseKey of bulk.keys ?? []) {
      expect((await newer.activateKey({ productId, licenseKey, hostId: 'host' })).hostId).toBe('host')
    }
    const key = { productId, licenseKey: bulk.key, hostId: 'host', ttl: 3600 }
    await Promise.all([newer.getKey(key), older.getKey(key)])
    for (const _ of [1, 2]) {
      expect((await older.signKey(key)).file).toEqual(FILE)
      expect(await newer.signKey(key)).toEqual(FILE)
    }
    const { data: customer } = await older.createCustomer({ name: 'Grace' })
    await older.updateKey({ productId, licenseKey: bulk.key, customerId: customer.id })
    expect((await older.listCustomerKeys(customer.id)).data.map((one) => one.key)).toEqual([bulk.key])
    expect(await newer.listCustomerKeys(customer.id)).toEqual([bulk.key])
    expect(await newer.deactivateKey({ productId, licenseKey: keys[0] ?? '' })).toMatchObject({ devicesRemoved: 1 })
    expect(warned).toEqual([])
  })
})

describe('which form a request is answered in', () => {
  it('follows what its access token has shown, for a day', async () => {
    const { token } = await newToken()
    expect(await heardBy(token)).toBe('before')
    await showForm(token, 'newer')
    expect(await heardBy(token)).toBe('2026-09')
    expect(await heardBy(fixture.secret)).toBe('before')
    fixture.clock.now = new Date(fixture.clock.now.getTime() + 86_400_000)
    expect(await heardBy(token)).toBe('before')
  })

  it('is the older one of a token that has shown both, which is warned of once, by name', async () => {
    const { token, accessToken } = await newToken()
    await showForm(token, 'newer')
    await showForm(token, 'older')
    for (const _ of [1, 2]) expect(await heardBy(token)).toBe('before')
    expect(warned).toEqual([expect.stringContaining(`${accessToken.id} (shop)`)])
    expect(warned[0]).not.toContain(token)
  })

  it('is that which the token, and before it the request, is set to', async () => {
    const { token } = await newToken('2026-09')
    expect(await heardBy(token)).toBe('2026-09')
    await showForm(token, 'older')
    expect(await heardBy(token)).toBe('2026-09')
    expect(await heardBy(token, { 'x-keymint-wire': 'before' })).toBe('before')
    expect(await heardBy(undefined, { 'x-keymint-wire': '2026-09' })).toBe('2026-09')
    expect(await heardBy(undefined)).toBe('before')
    expect(warned).toEqual([])
  })

  it('is none that there is not', async () => {
    const headers = { 'x-keymint-wire': '2027-01' }
    expectMalformed(
      await post(fixture, '/key', { productId: fixture.productId }, { headers, token: fixture.secret }),
      'x-keymint-wire',
    )
  })

  it('is never the newer one of the other families', async () => {
    const request = { token: fixture.secret, headers: { 'x-keymint-wire': '2026-09' } }
    expectRefusal(await post(fixture, '/get-key', named(fixture, UNKNOWN_KEY), request), 404, 1, 'Invalid license key')
    const validate = named(fixture, UNKNOWN_KEY, { hostId: 'host' })
    expectRefusal(await post(fixture, '/key/validate', validate, request), 404, 1, 'Invalid license key')
    expectAnswer(await send(fixture.url, 'GET', `/public/v1/key/${UNKNOWN_KEY}`, request), 404, {
      message: 'Key not found',
    })
  })

  it('is known to other instances, and after a restart', async () => {
    const { token, accessToken } = await newToken()
    await showForm(token, 'newer')
    const stored = async () =>
      (await fixture.licensing.accessTokens.list({ limit: 9 })).items.find(({ id }) => id === accessToken.id)
    await expect.poll(async () => (await stored())?.headerKeyAt).toEqual(fixture.clock.now)
    const second = await startFixture(PLAIN_MOUNT, { storage: fixture.storage, keyring })
    try {
      const body = { productId: fixture.productId, licenseKey: UNKNOWN_KEY }
      expect((await send(second.url, 'POST', '/key/block', { token, body })).body).toMatchObject({ success: false })
    } finally {
      await second.close()
    }
  })

  it.each(['2026-09', 'before'] as const)('is that of the server where it is set to %s', async (keymintWire) => {
    const other = await startFixture(PLAIN_MOUNT, { keymintWire })
    try {
      const query = new URLSearchParams({ productId: other.productId })
      const headers = { 'x-license-key': UNKNOWN_KEY }
      const { body } = await send(other.url, 'GET', `/key?${query}`, { token: other.secret, headers })
      expect('error' in body).toBe(keymintWire === '2026-09')
    } finally {
      await other.close()
    }
  })

  it('is no other option of the server', async () => {
    const options = { storage: fixture.storage, keyring: createKeyring(new Date()), keymintWire: '2025' as 'auto' }
    await expect(createLicensing(options)).rejects.toThrow(/keymintWire must be one of/)
  })

  it('holds for what the host app`s parser refuses', async () => {
    const parsed = MOUNTS.find(({ name }) => name.includes('parser')) as Mount
    const other = await startFixture(parsed)
    try {
      const request = { token: other.secret, rawBody: '{"productId":', headers: { 'x-keymint-wire': '2026-09' } }
      const { status, body } = await send(other.url, 'POST', '/key', request)
      expect({ status, body }).toMatchObject({
        status: 400,
        body: { success: false, error: { code: 'INVALID_REQUEST' }, code: 1 },
      })
    } finally {
      await other.close()
    }
  })
})

describe('a license key in a header', () => {
  const get = (query: object, licenseKey: string) => {
    const fields = new URLSearchParams({ productId: fixture.productId, ...query })
    return send(fixture.url, 'GET', `/key?${fields}`, {
      token: fixture.secret,
      headers: { 'x-license-key': licenseKey },
    })
  }

  it('is read as one in the query is', async () => {
    const licenseKey = await makeKey(fixture)
    for (const spelled of [licenseKey, licenseKey.toLowerCase(), ` ${licenseKey} `]) {
      expect((await get({}, spelled)).body.data.license.key).toBe(licenseKey)
    }
    // An en dash, in the UTF-8 that Go sends as it is.
    const dashed = Buffer.from(licenseKey.replaceAll('-', '–')).toString('latin1')
    expect((await get({}, dashed)).body.data?.license.key).toBe(licenseKey)
    expect((await get({ licenseKey }, '')).body.data.license.key).toBe(licenseKey)
  })

  it('may stand in the query as well, but no other', async () => {
    const licenseKey = await makeKey(fixture)
    expect((await get({ licenseKey: licenseKey.toLowerCase() }, licenseKey)).status).toBe(200)
    expect(await get({ licenseKey: UNKNOWN_KEY }, licenseKey)).toMatchObject({ status: 400, body: { code: 1 } })
  })

  it('may hold what a query would have to escape', async () => {
    const key = 'ACME/50% & more #1+two-2026'
    await fixture.licensing.licenses.create({ productId: fixture.productId, key })
    expect((await get({}, key)).body.data.license.key).toBe(key)
  })

  it('counts for no other route, and lacks where there is none', async () => {
    const licenseKey = await makeKey(fixture)
    const headers = { 'x-license-key': licenseKey }
    const answer = await post(
      fixture,
      '/key/block',
      { productId: fixture.productId },
      { headers, token: fixture.secret },
    )
    expectRefusal(answer, 400, 1, 'Missing required params')
    expectRefusal(await get({}, ''), 400, 1, 'Missing required params')
  })
})

describe('fields that clients of both forms are sent', () => {
  it('a license`s own metadata goes before ours', async () => {
    const licenseKey = await makeKey(fixture, { metadata: { hostId: 'mine', features: [1] } })
    const { body } = await post(fixture, '/key/activate', named(fixture, licenseKey, { hostId: 'host' }))
    expect(body).toMatchObject({ hostId: 'host', metadata: { hostId: 'mine', features: [1] } })
  })

  it.each(['/key', '/create-key'])('POST %s takes an empty expiry as never', async (path) => {
    const { body } = await post(fixture, path, { productId: fixture.productId, expiryDate: '' })
    expect((await fixture.licensing.licenses.get(body.key)).license.expiresAt).toBeNull()
  })

  it('PATCH /key takes it so, too', async () => {
    const licenseKey = await makeKey(fixture)
    const body = named(fixture, licenseKey, { expiryDate: '' })
    expect((await send(fixture.url, 'PATCH', '/key', { token: fixture.secret, body })).status).toBe(200)
    expect((await fixture.licensing.licenses.get(licenseKey)).license.expiresAt).toBeNull()
  })
})
