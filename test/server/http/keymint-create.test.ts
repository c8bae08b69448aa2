import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  addAccount,
  expectAnswer,
  expectMalformed,
  expectRefusal,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  storedLicense,
  UNKNOWN_ID,
} from './actions'
import { type Fixture, START, startFixture } from './harness'

const KEY = /^[A-Z0-9]{5}(-[A-Z0-9]{5}){3}$/

describe('POST /key', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())
  afterEach(() => {
    fixture.clock.now = START
  })

  const create = (fields: Record<string, unknown> = {}) =>
    post(fixture, '/key', { productId: fixture.productId, ...fields })
  const countLicenses = async () => (await fixture.licensing.licenses.list({}, { limit: 1 })).total

  it('answers code 0 and the key', async () => {
    expectAnswer(await create(), 200, { code: 0, key: expect.stringMatching(KEY) })
  })

  it('gives one calendar month where no expiry is given', async () => {
    fixture.clock.now = new Date('2027-01-31T23:59:59.500Z')
    const key = await makeKey(fixture)
    expect((await storedLicense(fixture, key)).expiresAt?.toISOString()).toBe('2027-02-28T23:59:59.500Z')
  })

  it('takes an expiry of null as never', async () => {
    expect((await storedLicense(fixture, await makeKey(fixture, { expiryDate: null }))).expiresAt).toBeNull()
  })

  it.each([
    ['absent', {}, null],
    ['null', { maxActivations: null }, null],
    ['a number', { maxActivations: 3 }, 3],
    ['a numeric string', { maxActivations: '25' }, 25],
    ['the smallest', { maxActivations: 1 }, 1],
    ['the largest', { maxActivations: 9_999_999 }, 9_999_999],
  ])('takes a limit that is %s', async (_, fields, limit) => {
    expect((await storedLicense(fixture, await makeKey(fixture, fields))).maxActivations).toBe(limit)
  })

  it.each([0, -1, 1.5, 10_000_000, '0', '-1', '1.5', '1e3', ' 1', '', 'many', true, [1], {}])(
    'refuses %j as a limit',
    async (maxActivations) => {
      expectMalformed(await create({ maxActivations }), 'maxActivations')
    },
  )

  it('makes as many keys as asked, and shows them as a list where an amount was asked for', async () => {
    expectAnswer(await create({}), 200, { code: 0, key: expect.stringMatching(KEY) })
    const one = await create({ amountKeys: 1 })
    expectAnswer(one, 200, { code: 0, key: expect.stringMatching(KEY), keys: [one.body.key] })
    const { status, body } = await create({ amountKeys: '3', maxActivations: 2 })
    expect({ status, fields: Object.keys(body) }).toEqual({ status: 200, fields: ['code', 'key', 'keys'] })
    expect(body.key).toBe(body.keys[0])
    expect(new Set(body.keys).size).toBe(3)
    for (const key of body.keys) expect((await storedLicense(fixture, key)).maxActivations).toBe(2)
    expect((await create({ amountKeys: 1000 })).body.keys).toHaveLength(1000)
  })

  it.each([0, 1001, '1001', 'x', 2.5])('makes none for an amount of %j', async (amountKeys) => {
    const before = await countLicenses()
    expectMalformed(await create({ amountKeys }), 'amountKeys')
    expect(await countLicenses()).toBe(before)
  })

  it('makes all keys or none, and no customer without them', async () => {
    await create({ newCustomer: { name: 'Ada', email: 'ada@example.com' } })
    const before = await countLicenses()
    const refused = await create({ amountKeys: 5, newCustomer: { name: 'Ada', email: 'ADA@example.com' } })
    expectRefusal(refused, 409, 1, 'Customer with this email already exists')
    expect(await countLicenses()).toBe(before)
  })

  it('gives the keys to a customer, new or known', async () => {
    const key = await makeKey(fixture, { newCustomer: { name: 'Grace', email: 'grace@example.com' } })
    const customerId = (await storedLicense(fixture, key)).customerId
    expect(await fixture.licensing.customers.findByEmail('GRACE@example.com')).toMatchObject({ id: customerId })
    const second = await makeKey(fixture, { customerId, newCustomer: null })
    expect((await storedLicense(fixture, second)).customerId).toBe(customerId)
    const nameless = await makeKey(fixture, { newCustomer: { name: 'No Mail', email: null }, customerId: null })
    expect((await fixture.licensing.licenses.get(nameless)).customer).toMatchObject({ name: 'No Mail', email: null })
  })

  it('refuses both kinds of customer, and an unknown one', async () => {
    const newCustomer = { name: 'Ada' }
    const both = 'Cannot specify both customerId and newCustomer'
    expectRefusal(await create({ customerId: UNKNOWN_ID, newCustomer }), 400, 1, both)
    expectRefusal(await create({ customerId: UNKNOWN_ID }), 400, 1, 'Customer not found')
    const rival = await addAccount(fixture)
    const theirs = await rival.api.customers.create({ name: 'Theirs' })
    expectRefusal(await create({ customerId: theirs.id }), 400, 1, 'Customer not found')
  })

  it.each([
    ['customerId', 'short'],
    ['newCustomer', { name: '' }],
    ['newCustomer.name', {}],
    ['newCustomer.email', { name: 'Ada', email: 'not an email' }],
    ['newCustomer.email', { name: 'Ada', email: `${'a'.repeat(250)}@example.com` }],
    ['newCustomer.name', { name: 'x'.repeat(257) }],
  ])('names %s when it is malformed', async (field, value) => {
    expectMalformed(await create({ [field.split('.')[0] ?? '']: value }), field)
  })

  it.each([
    ['licenseType', 'rented'],
    ['licenseType', null],
    ['maxConcurrentSessions', 0],
    ['heartbeatInterval', 59],
    ['sessionLeaseDuration', 299],
    ['versionId', 'v1'],
    ['format', 'AAAA'],
  ])('refuses %s = %j', async (field, value) => {
    expectMalformed(await create({ [field]: value }), field)
  })

  it('keeps the terms of floating licenses', async () => {
    const key = await makeKey(fixture, {
      licenseType: 'floating',
      maxConcurrentSessions: '5',
      heartbeatInterval: 60,
      sessionLeaseDuration: 300,
      versionId: null,
    })
    expect(await storedLicense(fixture, key)).toMatchObject({
      type: 'floating',
      maxConcurrentSessions: 5,
      heartbeatIntervalSeconds: 60,
      sessionLeaseSeconds: 300,
    })
  })

  it('calls an unknown, a foreign and an inactive product alike', async () => {
    const rival = await addAccount(fixture)
    const gone = await fixture.licensing.products.create({ name: 'Gone' })
    await fixture.licensing.products.update(gone.id, { active: false })
    for (const productId of [UNKNOWN_ID, rival.productId, gone.id]) {
      expectRefusal(await create({ productId }), 404, 1, 'Invalid license key')
    }
  })

  it.each([
    [21, 'x'.repeat(21)],
    [257, 'x'.repeat(257)],
  ])('refuses a product id of %i characters', async (_, productId) => {
    expectMalformed(await create({ productId }), 'productId')
  })

  it('makes keys that the other routes take', async () => {
    const key = await makeKey(fixture)
    expect((await post(fixture, '/get-key', named(fixture, key))).status).toBe(200)
  })
})

describe('the format of keys', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())

  const create = (format: Record<string, unknown>) => post(fixture, '/key', { productId: fixture.productId, format })

  it.each([
    [{}, KEY],
    [{ sections: 5, sectionLength: 6, separator: '.' }, /^[A-Z0-9]{6}(\.[A-Z0-9]{6}){4}$/],
    [{ prefix: 'acme-', suffix: '-Pro' }, /^acme-[A-Z0-9]{5}(-[A-Z0-9]{5}){3}-Pro$/],
    [{ prefix: 'acme', suffix: 'Pro' }, /^acme[A-Z0-9]{5}(-[A-Z0-9]{5}){3}Pro$/],
    [{ case: 'lower', prefix: 'ACME' }, /^ACME[a-z0-9]{5}(-[a-z0-9]{5}){3}$/],
    [{ case: 'mixed', sections: 6 }, /^[A-Za-z0-9]{5}(-[A-Za-z0-9]{5}){5}$/],
    [{ charset: '0123456789', sections: 5 }, /^[0-9]{5}(-[0-9]{5}){4}$/],
    [{ separator: '', sections: 1, sectionLength: 32 }, /^[A-Z0-9]{32}$/],
    [{ separator: '~_.' }, /^[A-Z0-9]{5}(~_\.[A-Z0-9]{5}){3}$/],
  ])('%j is followed', async (format, pattern) => {
    expectAnswer(await create(format), 200, { code: 0, key: expect.stringMatching(pattern) })
  })

  it.each([
    ['too short', { sections: 2, sectionLength: 8 }, /23/],
    ['too long', { sections: 10, sectionLength: 32 }, /256/],
    ['guessable', { charset: 'AB', sections: 10, sectionLength: 6 }, /random bits/],
    ['guessable once upper-cased', { case: 'mixed', charset: 'aAbB', sections: 10, sectionLength: 6 }, /random bits/],
    ['of characters that cannot travel', { separator: '/' }, /characters/],
    ['of characters that cannot travel', { charset: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ?&' }, /characters/],
    ['of characters that cannot travel', { prefix: 'a b' }, /characters/],
  ])('refuses keys %s, saying so', async (_, format, why) => {
    const answer = await create(format)
    expectMalformed(answer, 'format')
    expect(answer.body.message).toMatch(why)
  })

  it.each([
    { sections: 0 },
    { sections: 11 },
    { sectionLength: 33 },
    { sectionLength: 0 },
    { separator: '----' },
    { prefix: 'x'.repeat(17) },
    { suffix: 'x'.repeat(17) },
    { charset: '' },
    { charset: 'Ж' },
    { case: 'title' },
    { sections: '4' },
  ])('refuses %j', async (format) => {
    expectMalformed(await create(format), 'format')
  })
})
