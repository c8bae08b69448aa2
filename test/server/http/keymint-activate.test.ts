import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
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
  UNKNOWN_KEY,
} from './actions'
import { type Fixture, START, startFixture } from './harness'

const JWS = /^[\w-]+\.[\w-]+\.[\w-]+$/

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterAll(() => fixture.close())
afterEach(() => {
  fixture.clock.now = START
})

describe('POST /key/activate', () => {
  const activate = (licenseKey: string, fields: Record<string, unknown> = {}) =>
    post(fixture, '/key/activate', named(fixture, licenseKey, fields))

  it('answers what the license holds', async () => {
    const key = await makeKey(fixture, {
      newCustomer: { name: 'Ada', email: 'ada@example.com' },
      metadata: { edition: 'pro' },
      allowedHosts: ['host-1'],
    })
    expectAnswer(await activate(key, { hostId: 'host-1' }), 200, {
      code: 0,
      message: 'License valid',
      licenseeName: 'Ada',
      licenseeEmail: 'ada@example.com',
      metadata: { edition: 'pro', hostId: 'host-1', features: {} },
      expirationDate: '2026-07-15T12:00:00.000Z',
      versionId: null,
      allowedHosts: ['host-1'],
      hostId: 'host-1',
      licenseToken: expect.stringMatching(JWS),
    })
  })

  it('leaves out the licensee there is not', async () => {
    expectAnswer(await activate(await makeKey(fixture), { hostId: 'host-1' }), 200, {
      code: 0,
      message: 'License valid',
      metadata: { hostId: 'host-1', features: {} },
      expirationDate: '2026-07-15T12:00:00.000Z',
      versionId: null,
      allowedHosts: null,
      hostId: 'host-1',
      licenseToken: expect.stringMatching(JWS),
    })
  })

  it.each([
    ['absent', {}],
    ['null, as one SDK sends it', { hostId: null }],
  ])('makes a random hostId where it is %s', async (_, fields) => {
    const key = await makeKey(fixture, { maxActivations: 2 })
    const first = await activate(key, fields)
    const second = await activate(key, fields)
    expect(first.body.hostId).toMatch(/^\S{22,64}$/)
    expect(second.body.hostId).not.toBe(first.body.hostId)
    expect((await storedLicense(fixture, key)).activationCount).toBe(2)
    expect((await activate(key, { hostId: first.body.hostId })).status).toBe(200)
    expectRefusal(await activate(key, fields), 403, 2, 'Activation limit reached')
  })

  it('takes one slot however often a host activates', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    for (const _ of [1, 2, 3]) expect((await activate(key, { hostId: 'same' })).status).toBe(200)
    expect((await storedLicense(fixture, key)).activationCount).toBe(1)
    expectRefusal(await activate(key, { hostId: 'SAME' }), 403, 2, 'Activation limit reached')
  })

  it('writes nothing but the last-seen time, at most every five minutes, for an active host', async () => {
    const key = await makeKey(fixture)
    const { now } = fixture.clock
    await activate(key, { hostId: 'host', deviceTag: 'first', version: '1.0.0' })
    const read = async () => (await fixture.licensing.licenses.get(key)).activations[0]
    const before = await read()
    fixture.clock.now = new Date(now.getTime() + 299_999)
    await activate(key, { hostId: 'host', deviceTag: 'second', version: '2.0.0' })
    expect(await read()).toEqual(before)
    fixture.clock.now = new Date(now.getTime() + 300_000)
    await activate(key, { hostId: 'host', deviceTag: 'second' })
    // The license token just issued is good for five minutes more.
    const tokensEndAt = new Date((before?.tokensEndAt.getTime() ?? 0) + 300_000)
    expect(await read()).toEqual({ ...before, lastSeenAt: fixture.clock.now, tokensEndAt, keylessEndAt: tokensEndAt })
  })

  it('keeps what the app tells of the host', async () => {
    const key = await makeKey(fixture)
    const fields = {
      hostId: 'h',
      deviceTag: '笔记本 é',
      version: '1.2.3',
      licensee: { name: 'Ada', email: 'a@example.com' },
    }
    expect((await activate(key, fields)).status).toBe(200)
    expect((await fixture.licensing.licenses.get(key)).activations[0]).toMatchObject({
      hostId: 'h',
      deviceTag: '笔记本 é',
      appVersion: '1.2.3',
      address: '127.0.0.1',
    })
    expect((await activate(key, { hostId: 'i', deviceTag: null, version: null, licensee: null })).status).toBe(200)
  })

  it.each([
    ['hostId', ''],
    ['hostId', 7],
    ['hostId', 'x'.repeat(65)],
    ['hostId', 'é'],
    ['hostId', 'a\0b'],
    ['deviceTag', ''],
    ['deviceTag', 'x'.repeat(65)],
    ['deviceTag', ['a']],
    ['version', 'x'.repeat(33)],
    ['licensee', 'Ada'],
    ['licensee', { email: 'no email' }],
  ])('refuses %s = %j and takes no slot', async (field, value) => {
    const key = await makeKey(fixture)
    expectMalformed(await activate(key, { hostId: 'host', [field]: value }), field)
    expect((await storedLicense(fixture, key)).activationCount).toBe(0)
  })

  it.each([
    ['a blocked license', { block: true }, {}, 'License not activated'],
    ['an expired license', {}, { expiryDate: '2026-06-15T12:00:00Z' }, 'License expired'],
    ['a disabled customer', { disable: true }, { newCustomer: { name: 'Ada' } }, 'Customer not active'],
    ['a floating license', {}, { licenseType: 'floating' }, 'Wrong license type'],
    ['a host that is not allowed', {}, { allowedHosts: ['other'] }, 'Host not allowed'],
    ['no allowed host at all', {}, { allowedHosts: [] }, 'Host not allowed'],
  ] as const)('refuses %s', async (_, actions: { block?: true; disable?: true }, fields, message) => {
    const key = await makeKey(fixture, fields)
    const { customer } = await fixture.licensing.licenses.get(key)
    if (actions.block) await fixture.licensing.licenses.block(key)
    if (actions.disable && customer) await fixture.licensing.customers.update(customer.id, { active: false })
    expectRefusal(await activateHost(fixture, key, 'host'), 403, 2, message)
    const v1 = await post(fixture, '/activate-key', named(fixture, key, { hostId: 'host' }))
    expectRefusal(v1, 403, 2, message)
    expect((await storedLicense(fixture, key)).activationCount).toBe(0)
  })

  it('refuses an active host once the license no longer serves', async () => {
    const key = await makeKey(fixture, { expiryDate: '2026-06-16' })
    await activate(key, { hostId: 'host' })
    await fixture.licensing.licenses.block(key)
    expectRefusal(await activate(key, { hostId: 'host' }), 403, 2, 'License not activated')
    await fixture.licensing.licenses.unblock(key)
    await fixture.licensing.licenses.update(key, { allowedHosts: ['other'] })
    expectRefusal(await activate(key, { hostId: 'host' }), 403, 2, 'Host not allowed')
    await fixture.licensing.licenses.update(key, { allowedHosts: null, expiresAt: fixture.clock.now })
    expectRefusal(await activate(key, { hostId: 'host' }), 403, 2, 'License expired')
  })

  it('serves up to the very last millisecond', async () => {
    const key = await makeKey(fixture, { expiryDate: '2026-06-15T12:00:00.001Z' })
    expect((await activate(key, { hostId: 'host' })).status).toBe(200)
  })

  it('refuses what it cannot find', async () => {
    expectRefusal(await activate(UNKNOWN_KEY, { hostId: 'host' }), 404, 1, 'Invalid license key')
    expectRefusal(await post(fixture, '/key/activate', {}), 400, 1, 'Missing required params')
  })
})

describe('deactivating', () => {
  /** KeyMint's first version does not tell how many. */
  const removed = (path: string, devicesRemoved: number) => (path === '/key/deactivate' ? { devicesRemoved } : {})

  it.each(['/key/deactivate', '/deactivate-key'])('POST %s frees slots in every state but blocked', async (path) => {
    const key = await makeKey(fixture, { maxActivations: 2, newCustomer: { name: 'Ada' } })
    const { customer } = await fixture.licensing.licenses.get(key)
    for (const host of ['one', 'two']) await activateHost(fixture, key, host)
    await fixture.licensing.licenses.update(key, { expiresAt: fixture.clock.now })
    await fixture.licensing.customers.update(customer?.id ?? '', { active: false })
    const one = named(fixture, key, { hostId: 'one' })
    const all = named(fixture, key)

    await fixture.licensing.licenses.block(key)
    expectRefusal(await post(fixture, path, one), 403, 2, 'License not activated')
    expectRefusal(await post(fixture, path, all), 403, 2, 'License not activated')
    await fixture.licensing.licenses.unblock(key)

    expectAnswer(await post(fixture, path, one), 200, {
      message: 'Device deactivated',
      code: 0,
      ...removed(path, 1),
    })
    expectRefusal(await post(fixture, path, one), 404, 1, 'Device not found')
    expect((await storedLicense(fixture, key)).activationCount).toBe(1)
    for (const left of [1, 0]) {
      const answer = { message: 'All devices deactivated', code: 0, ...removed(path, left) }
      expectAnswer(await post(fixture, path, all), 200, answer)
    }
    expect((await storedLicense(fixture, key)).activationCount).toBe(0)
  })

  it.each(['/key/deactivate', '/deactivate-key'])('POST %s never takes a malformed hostId for all', async (path) => {
    const key = await makeKey(fixture)
    await activateHost(fixture, key, 'one')
    for (const hostId of [null, '', 0, false, [], {}, ['one'], 'x'.repeat(65), 'é', '\0']) {
      expectMalformed(await post(fixture, path, named(fixture, key, { hostId })), 'hostId')
    }
    expect((await storedLicense(fixture, key)).activationCount).toBe(1)
  })

  it('lets a host activate again afterwards, even where it was the only one', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    for (const _ of [1, 2, 3]) {
      expect((await activateHost(fixture, key, 'host')).status).toBe(200)
      expectRefusal(await activateHost(fixture, key, 'other'), 403, 2, 'Activation limit reached')
      expect((await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'host' }))).status).toBe(200)
    }
    expect((await activateHost(fixture, key, 'other')).status).toBe(200)
  })
})
