import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  ask,
  expectMalformed,
  expectRefusal,
  importLicense,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  storedLicense,
} from './actions'
import { type Fixture, startFixture } from './harness'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterAll(() => fixture.close())

const create = (fields: Record<string, unknown>) => post(fixture, '/key', { productId: fixture.productId, ...fields })

describe('license keys', () => {
  const fullWidth = (text: string) =>
    text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0))

  it.each([
    ['lower case', (key: string) => key.toLowerCase()],
    ['outer white space', (key: string) => ` \t${key}\n `],
    ['an outer wide space', (key: string) => `\u3000${key}\u00a0`],
    ['full-width characters', fullWidth],
  ])('are found in %s', async (_, spell) => {
    const key = await makeKey(fixture)
    const spelled = spell(key)
    expect((await activateHost(fixture, spelled, 'host')).status).toBe(200)
    expect((await post(fixture, '/deactivate-key', named(fixture, spelled, { hostId: 'host' }))).status).toBe(200)
    const query = new URLSearchParams({ productId: fixture.productId, licenseKey: spelled })
    expect((await ask(fixture, 'GET', `/key?${query}`)).body.data.license.key).toBe(key)
    const detail = await ask(fixture, 'GET', `/public/v1/key/${encodeURIComponent(spelled)}/detail`)
    expect(detail.status).toBe(200)
  })

  it('keep the letter case they were made in, in answers and tokens', async () => {
    const answer = await create({ format: { case: 'lower' } })
    const key: string = answer.body.key
    expect(key).toBe(key.toLowerCase())
    const query = new URLSearchParams({ productId: fixture.productId, licenseKey: key.toUpperCase() })
    expect((await ask(fixture, 'GET', `/key?${query}`)).body.data.license.key).toBe(key)
  })

  it('may be short only where they exist', async () => {
    await importLicense(fixture, 'OLD-1')
    for (const path of ['/key/activate', '/key/validate', '/key/deactivate', '/activate-key', '/deactivate-key']) {
      expect((await post(fixture, path, named(fixture, ' old-1', { hostId: 'host' }))).status).toBe(200)
      expectMalformed(await post(fixture, path, named(fixture, 'OLD-2', { hostId: 'host' })), 'licenseKey')
    }
    for (const path of ['/key/block', '/key/unblock', '/get-key', '/block-key', '/unblock-key']) {
      expect((await post(fixture, path, named(fixture, 'OLD-1'))).status).toBe(200)
      expectMalformed(await post(fixture, path, named(fixture, 'OLD-2')), 'licenseKey')
    }
    expect((await ask(fixture, 'PATCH', '/key', named(fixture, 'OLD-1'))).status).toBe(200)
    expectMalformed(await ask(fixture, 'PATCH', '/key', named(fixture, 'OLD-2')), 'licenseKey')
  })

  it.each([
    ['empty', ''],
    ['white space', '   '],
    ['22 characters', 'A'.repeat(22)],
    ['257 characters', 'A'.repeat(257)],
    ['many characters', 'A'.repeat(5000)],
    ['not ASCII', `ключ-${'A'.repeat(23)}`],
    ['with U+0000', `A\0${'A'.repeat(23)}`],
    ['with a lone surrogate', `A\ud800${'A'.repeat(23)}`],
    ['a number', 1e22],
    ['a list', ['A'.repeat(23)]],
  ])('that are %s are malformed', async (_, licenseKey) => {
    const body = { productId: fixture.productId, licenseKey, hostId: 'host' }
    for (const path of ['/key/activate', '/deactivate-key', '/key/validate']) {
      expectMalformed(await post(fixture, path, body), 'licenseKey')
    }
  })

  it('of the longest and the shortest length are looked up', async () => {
    for (const length of [23, 256]) {
      expectRefusal(await activateHost(fixture, 'Z'.repeat(length), 'host'), 404, 1, 'Invalid license key')
    }
  })
})

describe('dates', () => {
  it.each([
    ['2027-03-01', '2027-03-01T00:00:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2027-03-01T10:20:30Z', '2027-03-01T10:20:30.000Z'],
    ['2027-03-01T10:20:30.5Z', '2027-03-01T10:20:30.500Z'],
    ['2027-03-01T10:20:30.123456Z', '2027-03-01T10:20:30.123Z'],
    ['2027-03-01T01:00:00+02:00', '2027-02-28T23:00:00.000Z'],
    ['2027-03-01T23:30-01:00', '2027-03-02T00:30:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['+012025-06-15', '+012025-06-15T00:00:00.000Z'],
  ])('%s is taken as %s and shown so', async (expiryDate, shown) => {
    const key = await makeKey(fixture, { expiryDate })
    const { body } = await post(fixture, '/get-key', named(fixture, key))
    expect(body.data.license.expiration_date).toBe(shown)
  })

  it.each([
    '2027-02-31',
    '2027-02-29',
    '2027-02-31T00:00:00Z',
    '2027-13-01',
    '2027-00-10',
    '2027-01-00',
    '2027-1-1',
    '01/02/2027',
    '2027-03-01T10:20:30',
    '2027-03-01T25:00:00Z',
    '2027-03-01T10:61:00Z',
    '2027-03-01T10:20:30+99:00',
    '2027-03-01 10:20:30Z',
    '+275760-09-14',
    'tomorrow',
    '2027-03-01\0',
    1_800_000_000_000,
    true,
    {},
  ])('%j is no date', async (expiryDate) => {
    expectMalformed(await create({ expiryDate }), 'expiryDate')
  })
})

describe('metadata', () => {
  const ofBytes = (bytes: number) => ({ text: 'x'.repeat(bytes - JSON.stringify({ text: '' }).length) })
  const ofDepth = (levels: number): object => (levels === 1 ? {} : { in: ofDepth(levels - 1) })

  it.each([
    ['4,096 bytes', ofBytes(4096)],
    ['4,096 bytes of two-byte characters', { text: 'é'.repeat((4096 - 11) >> 1) }],
    ['5 levels', ofDepth(5)],
    ['lists', { list: [1, [2, [3, []]]] }],
    ['nothing', {}],
    ['every kind of value', { a: null, b: true, c: 1.5, d: 'é', 'ключ 🔑': [] }],
  ])('of %s is kept', async (_, metadata) => {
    const key = await makeKey(fixture, { metadata })
    const answer = await activateHost(fixture, key, 'host')
    expect(answer.body.metadata).toEqual({ hostId: 'host', features: {}, ...metadata })
  })

  it.each([
    ['4,097 bytes', ofBytes(4097)],
    ['4,096 characters but more bytes', { text: 'é'.repeat(4085) }],
    ['6 levels', ofDepth(6)],
    ['6 levels of lists', { list: [[[[[]]]]] }],
    ['a list', []],
    ['a string', '{}'],
    ['a lone surrogate', { text: '\ud800' }],
    ['U+0000', { text: ['\0'] }],
    ['U+0000 in a name', { 'a\0': 1 }],
  ])('of %s is refused', async (_, metadata) => {
    expectMalformed(await create({ metadata }), 'metadata')
  })
})

describe('allowed hosts', () => {
  it('are up to 1,000', async () => {
    const hosts = Array.from({ length: 1000 }, (_, index) => `host-${index}`)
    const key = await makeKey(fixture, { allowedHosts: hosts })
    expect((await activateHost(fixture, key, 'host-999')).status).toBe(200)
    expectRefusal(await activateHost(fixture, key, 'host-1000'), 403, 2, 'Host not allowed')
    expectMalformed(await create({ allowedHosts: [...hosts, 'one more'] }), 'allowedHosts')
  })

  it.each([['host'], [['']], [[7]], [['x'.repeat(65)]], [['é']], [[null]]])('are not %j', async (allowedHosts) => {
    expectMalformed(await create({ allowedHosts }), 'allowedHosts')
  })
})

describe('text', () => {
  it.each(['\0', 'a\0b', '\ud800', 'a\udc00'])('refuses %j wherever it is kept', async (text) => {
    const key = await makeKey(fixture)
    expectMalformed(await create({ newCustomer: { name: text } }), 'newCustomer.name')
    const activate = (fields: object) => post(fixture, '/key/activate', { ...named(fixture, key), ...fields })
    expectMalformed(await activate({ deviceTag: text }), 'deviceTag')
    expectMalformed(await activate({ version: text }), 'version')
    expectMalformed(await activate({ licensee: { name: text } }), 'licensee.name')
    const authtool = { quantity: 1, packageIds: [fixture.packageId], duration: 1, unit: 'day', alias: text }
    const answer = await post(fixture, '/public/v1/key/single-activate', authtool)
    expect(answer).toMatchObject({ status: 422, body: { message: expect.stringContaining('alias') } })
  })
})

describe('unknown fields', () => {
  it('are ignored, whatever they are called', async () => {
    const rawBody = `{"productId": "${fixture.productId}", "maxActivations": 2, "blocked": true, "accountId": "x",
      "__proto__": {"maxActivations": 9, "polluted": 1}, "constructor": {"prototype": {"polluted": 1}},
      "toString": 1, "licenseKey": 5, "activationCount": -7, "metadata": {"__proto__": {"polluted": 1}, "a": 1}}`
    const { status, body } = await post(fixture, '/key', undefined, { rawBody })
    expect(status).toBe(200)
    const stored = await storedLicense(fixture, body.key)
    expect(stored).toMatchObject({ maxActivations: 2, blocked: false, activationCount: 0 })
    expect((await activateHost(fixture, body.key, 'host')).body.metadata).toMatchObject({ a: 1 })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it('cannot stand in for required ones', async () => {
    const rawBody = `{"__proto__": {"productId": "${fixture.productId}"}}`
    expectRefusal(await post(fixture, '/key', undefined, { rawBody }), 400, 1, 'Missing required params')
  })

  it('in queries are ignored too', async () => {
    const key = await makeKey(fixture)
    const query = `productId=${fixture.productId}&licenseKey=${key}&__proto__[x]=1&constructor=2&page=3`
    expect((await ask(fixture, 'GET', `/key?${query}`)).status).toBe(200)
  })
})
