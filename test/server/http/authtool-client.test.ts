import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newActivation } from '../../storage/verbs/kit/entities'
import { STORAGES } from '../api/storages'
import { activateHost, addAccount, makeKey, named, PLAIN_MOUNT, post } from './actions'
import {
  type AppAnswer,
  CIPHERS,
  createApp,
  device,
  java,
  objectiveC,
  PACKAGE_TOKEN,
  PREFIXES,
  serveApps,
  swift,
} from './authtool-app'
import { type Fixture, START, send, startFixture } from './harness'
import { createHostKey, sendAsApp } from './host-key'

const NOW_SECONDS = START.getTime() / 1000
const MONTH_LATER = '2026-07-15T12:00:00.000Z'

function expectSaid({ status, said }: AppAnswer, expectedStatus: number, expected: object): void {
  expect({ status, said }).toEqual({ status: expectedStatus, said: expected })
}

const expectRefused = (answer: AppAnswer, status: number, message: string) => expectSaid(answer, status, { message })

describe.each(['memory', 'SQLite'])("AuthTool's client API, over %s", (storageName) => {
  let fixture: Fixture
  let drop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const made = await STORAGES[storageName]?.()
    drop = made?.drop
    fixture = await startFixture(PLAIN_MOUNT, made && { storage: made.storage })
  })
  beforeEach(async () => {
    fixture.clock.now = START
    await fixture.licensing.products.update(fixture.productId, { active: true, requireProof: false })
    await serveApps(fixture, { mode: 'gcm', status: 'running' })
  })
  afterAll(async () => {
    await fixture.close()
    await drop?.()
  })
  const countOf = async (key: string) => (await fixture.licensing.licenses.get(key)).license.activationCount

  describe.each(PREFIXES)('below %s', (prefix) => {
    it.each(CIPHERS)('logs in and checks as the sample for $language does', async ({ mode, cipher }) => {
      const app = createApp(fixture, cipher, prefix)
      const [key, uid] = [await makeKey(fixture), `uid-${mode}-${prefix.length}`]
      const told = { status: 1, expiredAt: MONTH_LATER, key, requestTime: NOW_SECONDS }
      expectRefused(await app.check(uid), 404, 'Device not found')
      expectSaid(await app.login(uid, key.toLowerCase()), 200, { ...told, message: 'Login successful' })
      expectSaid(await app.check(uid), 200, { ...told, isExpired: false })
      expect(await countOf(key)).toBe(1)
      const { activations } = await fixture.licensing.licenses.get(key)
      expect(activations).toMatchObject([{ hostId: uid, deviceTag: 'iPhone15,2', keys: [] }])
    })

    it.each(CIPHERS)('tells of the package in the mode that is set: $mode', async ({ mode, cipher }) => {
      const terms = {
        mode,
        version: '2.4.1',
        updateNote: 'Nhanh hơn',
        downloadUpdateLink: 'https://acme.example/get',
        contactUrl: 'https://acme.example/help',
        isNeedKey: false,
      }
      await serveApps(fixture, terms)
      const { mode: _, ...said } = terms
      const app = createApp(fixture, cipher, prefix)
      expectSaid(await app.package(), 200, { ...said, status: 1, name: 'Editor', requestTime: NOW_SECONDS })
      await fixture.licensing.products.update(fixture.productId, { authtoolClient: { status: 'maintenance' } })
      expect((await app.package()).said).toMatchObject({ status: 0, version: '2.4.1' })
    })
  })

  it('answers in the mode of the request, whatever is set, and never twice with one nonce', async () => {
    await serveApps(fixture, { mode: 'ecb' })
    const key = await makeKey(fixture)
    expect((await createApp(fixture, objectiveC).login('modes', key)).status).toBe(200)
    const nonces = new Set<string>()
    for (let time = 0; time < 3; time += 1) {
      const data = swift.seal(JSON.stringify(device('modes')))
      const { body } = await send(fixture.url, 'POST', '/public/v1/client/check', {
        body: { token: PACKAGE_TOKEN, data },
      })
      nonces.add(Buffer.from(body.data, 'base64').subarray(0, 12).toString('hex'))
    }
    expect(nonces.size).toBe(3)
  })

  it('takes a text of one block, which is the same in CBC and ECB, for one in the mode that is set', async () => {
    const key = await makeKey(fixture)
    for (const [mode, cipher] of [
      ['ecb', java],
      ['cbc', objectiveC],
    ] as const) {
      await serveApps(fixture, { mode })
      await createApp(fixture, cipher).login('b', key)
      expect((await createApp(fixture, cipher).call('/check', { uid: 'b' })).said).toMatchObject({ key })
    }
  })

  it('logs a device in again without another slot, and one that came in another way or with an import', async () => {
    const app = createApp(fixture)
    const key = await makeKey(fixture, { maxActivations: 1 })
    await activateHost(fixture, key, 'again')
    expectRefused(await app.check('again'), 404, 'Device not found')
    for (let time = 0; time < 2; time += 1) {
      expect((await app.login('again', key)).said).toMatchObject({ status: 1, key })
      expect((await app.check('again')).said).toMatchObject({ status: 1, key })
    }
    expect(await countOf(key)).toBe(1)
    expectRefused(await app.login('second', key), 409, 'Device limit reached')
    expect(await countOf(key)).toBe(1)
  })

  it('takes slots by the rules of activation: of many at once, as many as the license has', async () => {
    const app = createApp(fixture)
    const key = await makeKey(fixture, { maxActivations: 3 })
    const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => app.login(`many-${index}`, key)))
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(3).fill(200), ...Array(9).fill(409)])
    expect(await countOf(key)).toBe(3)
  })

  it('tells a device of the license that serves, before one that has ended', async () => {
    const app = createApp(fixture)
    const keys = [await makeKey(fixture), await makeKey(fixture, { expiryDate: '2026-06-16' })]
    for (const key of keys) await app.login('two', key)
    fixture.clock.now = new Date('2026-06-20T00:00:00Z')
    expect((await app.check('two')).said).toMatchObject({ status: 1, key: keys[0], isExpired: false })
  })

  it('marks a device as seen when it checks', async () => {
    const app = createApp(fixture)
    const key = await makeKey(fixture)
    await app.login('seen', key)
    fixture.clock.now = new Date(START.getTime() + 86_400_000)
    await app.check('seen')
    expect((await fixture.licensing.licenses.get(key)).activations[0]?.lastSeenAt).toEqual(fixture.clock.now)
  })

  describe('errors, line by line', () => {
    it('400 Package token invalid', async () => {
      for (const prefix of PREFIXES) {
        for (const path of ['/package', '/check', '/login']) {
          for (const token of [undefined, null, '', 7, ['x'], 'ü', 'x'.repeat(257)]) {
            const body = { token, data: 'x' }
            const answer = await send(fixture.url, 'POST', prefix + path, { body })
            expect([answer.status, answer.body]).toEqual([400, { message: 'Package token invalid' }])
          }
        }
      }
    })

    it('403 Package stopped; 404 Package not found, when unknown or switched off', async () => {
      const app = createApp(fixture)
      const ask = () => Promise.all([app.package(), app.check('any'), app.login('any', 'ANY')])
      for (const answer of await Promise.all([app.package({ body: { token: 'another' } })])) {
        expectRefused(answer, 404, 'Package not found')
      }
      await fixture.licensing.products.update(fixture.productId, { active: false })
      for (const answer of await ask()) expectRefused(answer, 403, 'Package stopped')
      await fixture.licensing.products.update(fixture.productId, { active: true, authtoolClient: null })
      for (const answer of await ask()) expectRefused(answer, 404, 'Package not found')
    })

    it('400 UID is required; 404 Device not found', async () => {
      const app = createApp(fixture)
      for (const fields of [{}, { uid: '' }, { uid: null }]) {
        expectRefused(await app.call('/check', fields), 400, 'UID is required')
        expectRefused(await app.call('/login', { ...fields, key: 'K' }), 400, 'UID is required')
      }
      for (const uid of [7, ['x'], 'ü', 'x'.repeat(65)]) expect((await app.call('/check', { uid })).status).toBe(400)
      expectRefused(await app.check('nobody'), 404, 'Device not found')
    })

    it('400 Key is required, or disabled; 404 Key not found; 409 Device limit reached', async () => {
      const app = createApp(fixture)
      for (const key of [undefined, null, '']) {
        expectRefused(await app.call('/login', { ...device('d'), key }), 400, 'Key is required')
      }
      const full = await makeKey(fixture, { maxActivations: 1 })
      await app.login('first', full)
      expectRefused(await app.login('second', full), 409, 'Device limit reached')
      expectRefused(await app.login('d', 'AAAAA-BBBBB-CCCCC-DDDDD'), 404, 'Key not found')
      const blocked = await makeKey(fixture)
      await post(fixture, '/key/block', named(fixture, blocked))
      expectRefused(await app.login('d', blocked), 400, 'Key is disabled')
      const customer = await fixture.licensing.customers.create({ name: 'Ada' })
      const disabled = await makeKey(fixture, { customerId: customer.id })
      await fixture.licensing.customers.update(customer.id, { active: false })
      expectRefused(await app.login('d', disabled), 400, 'Key is disabled')
      expectRefused(await app.login('d', await makeKey(fixture, { expiryDate: '2020-01-01' })), 400, 'Key has expired')
      const listed = await makeKey(fixture, { allowedHosts: ['other'] })
      expectRefused(await app.login('d', listed), 403, 'Device not allowed')
      const floating = await makeKey(fixture, { licenseType: 'floating' })
      expectRefused(await app.login('d', floating), 403, 'Wrong license type')
    })

    it("404 for a key of another product, or of another account's", async () => {
      const app = createApp(fixture)
      const { id: productId } = await fixture.licensing.products.create({ name: 'Viewer' })
      const { key } = await fixture.licensing.licenses.create({ productId })
      expectRefused(await app.login('d', key), 404, 'Key not found')
      const other = await addAccount(fixture)
      const theirs = await other.api.licenses.create({ productId: other.productId })
      expectRefused(await app.login('d', theirs.key), 404, 'Key not found')
    })

    it('status 0 for a license that has ended or is disabled, and what is gone is not found', async () => {
      const app = createApp(fixture)
      const key = await makeKey(fixture, { expiryDate: '2026-06-20' })
      await app.login('ending', key)
      const told = { key, expiredAt: '2026-06-20T00:00:00.000Z', requestTime: NOW_SECONDS }
      await post(fixture, '/key/block', named(fixture, key))
      expectSaid(await app.check('ending'), 200, { ...told, status: 0, isExpired: false })
      await post(fixture, '/key/unblock', named(fixture, key))
      fixture.clock.now = new Date('2026-06-21T00:00:00Z')
      const requestTime = fixture.clock.now.getTime() / 1000
      expectSaid(await app.check('ending'), 200, { ...told, requestTime, status: 0, isExpired: true })
      await fixture.licensing.licenses.reset(key)
      expectRefused(await app.check('ending'), 404, 'Device not found')
    })

    it('400 for what does not open, or is no JSON object', async () => {
      const path = '/public/v1/client/check'
      const texts = ['[]', '1', 'null', '{', '{"uid":', '']
      const datas = [
        'AAAA',
        '!',
        swift.seal('x').slice(4),
        ...texts.flatMap((text) => [swift, java].map((c) => c.seal(text))),
      ]
      for (const data of datas) {
        const answer = await send(fixture.url, 'POST', path, { body: { token: PACKAGE_TOKEN, data } })
        expect([answer.status, answer.body]).toEqual([400, { message: expect.stringContaining('data') }])
      }
      const malformed = await send(fixture.url, 'POST', path, { rawBody: '{' })
      expect([malformed.status, malformed.body]).toEqual([400, { message: expect.any(String) }])
    })
  })

  describe('whoever guesses hostIds', () => {
    it('gets no license key of a host that was activated in any other way', async () => {
      const app = createApp(fixture)
      const [key, hostKey] = [await makeKey(fixture), createHostKey()]
      await activateHost(fixture, key, 'harvest-plain')
      await post(fixture, '/key/sign', named(fixture, key, { hostId: 'harvest-signed', ttl: 3600 }))
      await sendAsApp(fixture, '/key/activate', named(fixture, key, { hostId: 'harvest-bound' }), hostKey)
      for (const uid of ['harvest-plain', 'harvest-signed', 'harvest-bound']) {
        expectRefused(await app.check(uid), 404, 'Device not found')
      }
    })

    it('would get it from a server that keeps every activation as a login', async () => {
      const [key, { now }] = [await makeKey(fixture), fixture.clock]
      const careless = newActivation('careless', { authtoolProductId: fixture.productId })
      const target = { canonicalKey: key, productId: fixture.productId }
      await fixture.store.claimActivation(fixture.licensing.accountId, target, careless, { now })
      expect((await createApp(fixture).check('careless')).said).toMatchObject({ key })
    })

    it('gets none of a host that has logged in, once a proof key is bound to it, it was moved, or was given up', async () => {
      const app = createApp(fixture)
      const key = await makeKey(fixture)
      for (const uid of ['bind', 'move', 'free']) {
        await app.login(uid, key)
        expect((await app.check(uid)).status).toBe(200)
      }
      await sendAsApp(fixture, '/key/activate', named(fixture, key, { hostId: 'bind' }), createHostKey())
      const moved = named(fixture, key, { hostId: 'moved', previousHostIds: ['move'] })
      expect((await post(fixture, '/key/activate', moved)).status).toBe(200)
      await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'free' }))
      for (const uid of ['bind', 'move', 'moved', 'free']) expectRefused(await app.check(uid), 404, 'Device not found')
    })

    it("gets none by another product's app, although the license is for both", async () => {
      const app = createApp(fixture)
      const other = await fixture.licensing.products.create({ name: 'Viewer' })
      const authtoolClient = { token: `other ${storageName}`, aesKey: 'x'.repeat(32) }
      await fixture.licensing.products.update(other.id, { authtoolClient })
      const created = await post(fixture, '/public/v1/key/single-activate', {
        quantity: 1,
        packageIds: [fixture.packageId, other.packageId],
        duration: 1,
        unit: 'day',
      })
      expect((await app.login('both', created.body.data[0])).status).toBe(200)
      expect(await fixture.store.findAuthtoolLogins(other.id, 'both')).toEqual([])
    })

    it('is refused where the product asks apps for a proof', async () => {
      const app = createApp(fixture)
      const key = await makeKey(fixture)
      await app.login('strict', key)
      await fixture.licensing.products.update(fixture.productId, { requireProof: true })
      expectRefused(await app.login('strict', key), 403, 'Proof of possession required')
      expect((await app.check('strict')).said).toMatchObject({ status: 0 })
    })
  })
})
