import { LicenseError } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { activateHost, addAccount, expectAnswer, makeKey, type OtherAccount } from './actions'
import { type FaultyStorage, faultyStorage } from './faulty-storage'
import { type Fixture, MOUNTS, send, startFixture } from './harness'

/** The example requests of the services' public documents, as written there. */
const DEACTIVATE_ONE = `{
"productId": "your_product_id_123",
"licenseKey": "xxxxx-xxxxx-xxxxx-xxxxx",
"hostId": "a1:b2:c3:d4:e5:f6-hashed-uuid-or-other-id"
}`
const DEACTIVATE_ALL = `{
"productId": "your_product_id_123",
"licenseKey": "xxxxx-xxxxx-xxxxx-xxxxx"
}`
const SINGLE_ACTIVATE = `{
"quantity": 5,
"packageIds": [1, 2, 3],
"duration": 30,
"unit": "day",
"alias": "my-custom-alias",
"isCleanable": true
}`
const DOCUMENTED_HOST = 'a1:b2:c3:d4:e5:f6-hashed-uuid-or-other-id'

describe.each(MOUNTS)('the documents of KeyMint and AuthTool, mounted $name', (mount) => {
  let fixture: Fixture
  let faults: FaultyStorage
  let rival: OtherAccount

  beforeAll(async () => {
    faults = faultyStorage()
    fixture = await startFixture(mount, { storage: faults.storage })
    // The documents' example names packages 1, 2 and 3; the fixture's product is the first.
    await fixture.licensing.products.create({ name: 'Plugin' })
    await fixture.licensing.products.create({ name: 'Server' })
    rival = await addAccount(fixture)
  })
  afterAll(() => fixture.close())

  const deactivate = (document: string, licenseKey: string, token = fixture.secret) =>
    send(fixture.url, 'POST', '/deactivate-key', {
      rawBody: document.replace('your_product_id_123', fixture.productId).replace(/x{5}(-x{5}){3}/, licenseKey),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    })
  const create = (rawBody = SINGLE_ACTIVATE, token = fixture.secret) =>
    send(fixture.url, 'POST', '/public/v1/key/single-activate', {
      rawBody,
      headers: { 'Content-Type': 'application/json', 'X-API-Key': token },
    })
  const reset = (licenseKey: string, token = fixture.secret) =>
    send(fixture.url, 'PATCH', `/public/v1/key/${licenseKey}/reset`, {
      headers: { 'Content-Type': 'application/json', 'X-API-Key': token },
    })

  describe('KeyMint POST /deactivate-key', () => {
    it('frees the slot of the device named', async () => {
      const key = await makeKey(fixture, { maxActivations: 1 })
      await activateHost(fixture, key, DOCUMENTED_HOST)

      expectAnswer(await deactivate(DEACTIVATE_ONE, key), 200, { message: 'Device deactivated', code: 0 })
      expectAnswer(await deactivate(DEACTIVATE_ONE, key), 404, { message: 'Device not found', code: 1 })
    })

    it('frees every slot without a device', async () => {
      const key = await makeKey(fixture)
      await activateHost(fixture, key, 'one')
      await activateHost(fixture, key, 'two')

      expectAnswer(await deactivate(DEACTIVATE_ALL, key), 200, { message: 'All devices deactivated', code: 0 })
      const { license, activations } = await fixture.licensing.licenses.get(key)
      expect({ count: license.activationCount, activations }).toEqual({ count: 0, activations: [] })
    })

    it('answers each documented error as documented', async () => {
      const key = await makeKey(fixture)
      const post = (body: object, headers: Record<string, string>) =>
        send(fixture.url, 'POST', '/deactivate-key', { body, headers })
      const bearer = { Authorization: `Bearer ${fixture.secret}` }

      const missing = { message: 'Missing required params', code: 1 }
      expectAnswer(await post({ licenseKey: key }, bearer), 400, missing)
      expectAnswer(await post({ productId: fixture.productId }, bearer), 400, missing)
      expectAnswer(await post({}, bearer), 400, missing)

      const unauthorized = { message: 'Invalid access token', code: 1 }
      expectAnswer(await post({ productId: fixture.productId, licenseKey: key }, {}), 401, unauthorized)
      expectAnswer(await deactivate(DEACTIVATE_ONE, key, 'at_verylongaccesstoken12345678'), 401, unauthorized)

      await fixture.licensing.licenses.block(key)
      const inactive = { message: 'License not activated', code: 2 }
      expectAnswer(await deactivate(DEACTIVATE_ONE, key), 403, inactive)
      expectAnswer(await deactivate(DEACTIVATE_ALL, key), 403, inactive)
    })

    it('says nothing of the cause of a server error', async () => {
      const key = await makeKey(fixture)
      await activateHost(fixture, key, DOCUMENTED_HOST)
      faults.breakWrites('activations', async () => {
        throw new Error('connect ECONNREFUSED db.internal:5432')
      })
      const failed = await deactivate(DEACTIVATE_ONE, key)
      faults.heal()
      faults.breakWrites('activations', async () => {
        throw new LicenseError('STORAGE_UNAVAILABLE', 'database is locked')
      })
      const busy = await deactivate(DEACTIVATE_ALL, key)
      faults.heal()

      expectAnswer(failed, 500, { message: 'Server error', code: 1 })
      expectAnswer(busy, 503, { message: 'Server error', code: 1 })
      expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(failed.headers.get('retry-after')).toBeNull()
    })
  })

  describe('AuthTool POST /public/v1/key/single-activate', () => {
    it('makes the five keys of the example', async () => {
      const answer = await create()

      expectAnswer(answer, 201, { message: 'Create key successfully', data: Array(5).fill(expect.any(String)) })
      const keys: string[] = answer.body.data
      expect(new Set(keys).size).toBe(5)
      for (const key of keys) expect(key).toMatch(/^MY-CUSTOM-ALIAS(-[A-Z0-9]{4}){5}$/)
      const license = (await fixture.licensing.licenses.get(keys[0] ?? '')).license
      expect(license).toMatchObject({
        maxActivations: 1,
        cleanable: true,
        expiresAt: new Date(fixture.clock.now.getTime() + 30 * 86_400_000),
      })
      expect(license.productIds).toHaveLength(3)
    })

    it('answers each documented error as documented', async () => {
      expectAnswer(await create(SINGLE_ACTIVATE.replace('5', '1000')), 422, {
        message: expect.stringContaining('quantity'),
      })
      expectAnswer(await create(SINGLE_ACTIVATE, 'YOUR_API_KEY'), 401, { message: 'Invalid API key' })
      faults.breakWrites('licenses', async () => {
        throw new Error('disk I/O error')
      })
      const failed = await create()
      faults.heal()
      expectAnswer(failed, 500, { message: 'Server error' })
    })
  })

  describe('AuthTool PATCH /public/v1/key/{key}/reset', () => {
    it('removes every activation and counts the resets', async () => {
      const key: string = (await create()).body.data[0]
      for (const resetCount of [1, 2, 3]) {
        expect((await activateHost(fixture, key, `host ${resetCount}`)).status).toBe(200)
        expectAnswer(await reset(key), 200, { message: 'Reset successfully', resetCount })
        expect((await fixture.licensing.licenses.get(key)).license.activationCount).toBe(0)
      }
    })

    it('answers each documented error as documented', async () => {
      const key = await makeKey(fixture)
      expectAnswer(await reset('KEY1-XXXX-XXXX-XXXX'), 404, { message: 'Key not found' })
      expectAnswer(await reset(key, 'YOUR_API_KEY'), 401, { message: 'Invalid API key' })
      expectAnswer(await reset(key, rival.secret), 403, { message: "You don't have permission to reset this key" })
    })

    it('says when to come back while storage is busy', async () => {
      const key = await makeKey(fixture)
      faults.breakWrites('licenses', async () => {
        throw new LicenseError('STORAGE_UNAVAILABLE', 'database is locked', { detail: { retryAfterSeconds: 7 } })
      })
      const busy = await reset(key)
      faults.heal()
      expectAnswer(busy, 503, { message: 'Server error' })
      expect(busy.headers.get('retry-after')).toBe('7')
    })
  })
})
