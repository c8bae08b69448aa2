import type { SCOPES } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ask,
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
import { type Fixture, startFixture } from './harness'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterAll(() => fixture.close())

const FORBIDDEN = 'Insufficient permissions for this operation'
const TAKEN = 'Customer with this email already exists'
const UPDATED = { code: 0, message: 'Key updated', affectedCount: 1 }

const create = (fields: object, token = fixture.secret) =>
  post(fixture, '/key', { productId: fixture.productId, ...fields }, { token })
const update = (licenseKey: string, fields: Record<string, unknown>, token = fixture.secret) =>
  ask(fixture, 'PATCH', '/key', named(fixture, licenseKey, fields), { token })
const activate = (licenseKey: string, fields: Record<string, unknown>) =>
  post(fixture, '/key/activate', named(fixture, licenseKey, { hostId: 'host', ...fields }))
const show = async (licenseKey: string) =>
  (await ask(fixture, 'GET', `/key?${new URLSearchParams(named(fixture, licenseKey) as Record<string, string>)}`)).body
    .data
const counts = async () => {
  const { licenses, customers } = fixture.licensing
  const one = { limit: 1 }
  return { licenses: (await licenses.list({}, one)).total, customers: (await customers.list(one)).total }
}
const tokenWith = async (...scopes: (typeof SCOPES)[number][]) =>
  (await fixture.licensing.accessTokens.create({ name: 'some', kind: 'secret', scopes })).token

describe('a new customer', () => {
  it('is made with the keys, all of one call', async () => {
    const { body } = await create({ newCustomer: { name: 'Ada', email: 'Ada@Example.com' }, amountKeys: 3 })
    const shown = await Promise.all(body.keys.map(show))
    const [first] = shown
    expect(first.customer).toEqual({ id: expect.any(String), name: 'Ada', email: 'Ada@Example.com', active: true })
    for (const { customer } of shown) expect(customer).toEqual(first.customer)
    const listed = await ask(fixture, 'GET', `/customer/keys?customerId=${first.customer.id}`)
    expect(listed.body.data.map(({ key }: { key: string }) => key).sort()).toEqual([...body.keys].sort())
  })

  it('whose email is taken stops the keys, however many', async () => {
    await create({ newCustomer: { name: 'Taken', email: 'taken@example.com' } })
    const before = await counts()
    for (const amountKeys of [1, 1000]) {
      const answer = await create({ newCustomer: { name: 'Second', email: 'TAKEN@example.com' }, amountKeys })
      expectRefusal(answer, 409, 1, TAKEN)
    }
    const v1 = { productId: fixture.productId, newCustomer: { name: 'Second', email: 'taken@example.com' } }
    expectRefusal(await post(fixture, '/create-key', v1), 409, 1, TAKEN)
    expect(await counts()).toEqual(before)
  })

  it('is not made where the product is none', async () => {
    const before = await counts()
    const answer = await create({ productId: UNKNOWN_ID, newCustomer: { name: 'Lost', email: 'lost@example.com' } })
    expectRefusal(answer, 404, 1, 'Invalid license key')
    expect(await counts()).toEqual(before)
  })

  it('takes a scope of its own, on creating and on updating', async () => {
    const token = await tokenWith('licenses:write')
    const newCustomer = { name: 'Ada' }
    const { body } = await create({}, token)
    expectRefusal(await create({ newCustomer }, token), 403, 1, FORBIDDEN)
    expectRefusal(await update(body.key, { newCustomer }, token), 403, 1, FORBIDDEN)
    expect((await create({ newCustomer }, await tokenWith('licenses:write', 'customers:write'))).status).toBe(200)
  })
})

describe('PATCH /key', () => {
  it('gives the key to a customer, known or new, or to none', async () => {
    const { data } = (await post(fixture, '/customer', { name: 'Grace', email: 'grace@example.com' })).body
    const key = await makeKey(fixture)
    expectAnswer(await update(key, { customerId: data.id }), 200, UPDATED)
    expect((await show(key)).customer).toEqual({ ...data, active: true })
    expectAnswer(await update(key, { newCustomer: { name: 'Lin', email: 'lin@example.com' } }), 200, UPDATED)
    expect((await show(key)).customer).toMatchObject({ name: 'Lin', email: 'lin@example.com' })
    expectAnswer(await update(key, { customerId: null }), 200, UPDATED)
    expect(await show(key)).not.toHaveProperty('customer')
  })

  it('changes nothing where the new customer, or the known one, cannot be', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const before = { ...(await counts()), license: await storedLicense(fixture, key) }
    const newCustomer = { name: 'Second', email: 'GRACE@example.com' }
    expectRefusal(await update(key, { newCustomer, maxActivations: 9 }), 409, 1, TAKEN)
    const both = 'Cannot specify both customerId and newCustomer'
    expectRefusal(await update(key, { newCustomer, customerId: UNKNOWN_ID }), 400, 1, both)
    expectRefusal(await update(key, { customerId: UNKNOWN_ID, maxActivations: 9 }), 400, 1, 'Customer not found')
    expect({ ...(await counts()), license: await storedLicense(fixture, key) }).toEqual(before)
    const lost = { ...named(fixture, key), productId: UNKNOWN_ID, newCustomer: { name: 'Lost' } }
    expectRefusal(await ask(fixture, 'PATCH', '/key', lost), 404, 1, 'Invalid license key')
    expect(await counts()).toEqual({ licenses: before.licenses, customers: before.customers })
  })

  it('changes every term', async () => {
    const key = await makeKey(fixture)
    const terms = {
      maxActivations: '12',
      expiryDate: '2031-05-06T07:08:09.123+02:00',
      metadata: { plan: { seats: [1, 2] } },
      allowedHosts: ['a', 'b'],
      licenseType: 'floating',
      maxConcurrentSessions: '3',
      heartbeatInterval: 60,
      sessionLeaseDuration: '300',
    }
    expectAnswer(await update(key, { ...terms, format: 'ignored', amountKeys: 'ignored' }), 200, UPDATED)
    expect(await storedLicense(fixture, key)).toMatchObject({
      key,
      maxActivations: 12,
      expiresAt: new Date('2031-05-06T05:08:09.123Z'),
      metadata: { plan: { seats: [1, 2] } },
      allowedHosts: ['a', 'b'],
      type: 'floating',
      maxConcurrentSessions: 3,
      heartbeatIntervalSeconds: 60,
      sessionLeaseSeconds: 300,
    })
    const cleared = { maxConcurrentSessions: null, heartbeatInterval: null, sessionLeaseDuration: null }
    expectAnswer(await update(key, { ...cleared, licenseType: 'node-locked' }), 200, UPDATED)
    expect(await storedLicense(fixture, key)).toMatchObject({
      type: 'node-locked',
      maxConcurrentSessions: null,
      heartbeatIntervalSeconds: null,
      sessionLeaseSeconds: null,
      allowedHosts: ['a', 'b'],
    })
  })
})

describe('versions', () => {
  const addVersion = (version: string, productId = fixture.productId, description?: string) =>
    fixture.licensing.products.createVersion(productId, { version, ...(description && { description }) })

  it('of the product are taken and shown', async () => {
    const { id } = await addVersion('2.1.0', fixture.productId, 'The second')
    const key = await makeKey(fixture, { versionId: id })
    const version = { id, version: '2.1.0', description: 'The second', active: true }
    expect((await show(key)).license).toMatchObject({ versionId: id, version })
    expect((await activate(key, {})).body).toMatchObject({ versionId: id, version: { version: '2.1.0' } })
    expectAnswer(await update(key, { versionId: null }), 200, UPDATED)
    expect((await show(key)).license).toMatchObject({ versionId: null, version: null })
    const { body } = await activate(key, {})
    expect(body.versionId).toBeNull()
    expect(body).not.toHaveProperty('version')
    expectAnswer(await update(key, { versionId: id }), 200, UPDATED)
    expect((await storedLicense(fixture, key)).versionId).toBe(id)
  })

  it('that are unknown, inactive or of another product make no key and change none', async () => {
    const other = await fixture.licensing.products.create({ name: 'Other' })
    const foreign = await addVersion('1.0.0', other.id)
    const inactive = await addVersion('0.9.0')
    await fixture.licensing.products.updateVersion(fixture.productId, inactive.id, { active: false })
    const key = await makeKey(fixture)
    const before = await counts()
    for (const versionId of [UNKNOWN_ID, foreign.id, inactive.id]) {
      expectRefusal(await create({ versionId }), 400, 1, 'Version not found')
      expectRefusal(
        await post(fixture, '/create-key', { productId: fixture.productId, versionId }),
        400,
        1,
        'Version not found',
      )
      expectRefusal(await update(key, { versionId, maxActivations: 9 }), 400, 1, 'Version not found')
    }
    expect(await counts()).toEqual(before)
    expect(await storedLicense(fixture, key)).toMatchObject({ versionId: null, maxActivations: null })
  })

  it('that are made inactive stay with the keys that have them', async () => {
    const { id } = await addVersion('3.0.0')
    const key = await makeKey(fixture, { versionId: id })
    await fixture.licensing.products.updateVersion(fixture.productId, id, { active: false })
    expect((await show(key)).license.version).toMatchObject({ id, active: false })
    expectAnswer(await update(key, { maxActivations: 4 }), 200, UPDATED)
    expect((await storedLicense(fixture, key)).versionId).toBe(id)
  })
})

describe('the licensee an app names', () => {
  it('is answered in place of the customer, field by field', async () => {
    const key = await makeKey(fixture, { newCustomer: { name: 'Holder', email: 'holder@example.com' } })
    const seen = async (hostId: string, licensee?: object | null) => {
      const { body } = await activate(key, { hostId, licensee })
      return [body.licenseeName, body.licenseeEmail]
    }
    expect(await seen('none')).toEqual(['Holder', 'holder@example.com'])
    expect(await seen('null', null)).toEqual(['Holder', 'holder@example.com'])
    expect(await seen('both', { name: 'User', email: 'user@example.com' })).toEqual(['User', 'user@example.com'])
    expect(await seen('name', { name: 'User' })).toEqual(['User', 'holder@example.com'])
    expect(await seen('email', { email: 'user@example.com' })).toEqual(['Holder', 'user@example.com'])
    // Kept from the first time, as everything of an activation is.
    expect(await seen('both', { name: 'Another' })).toEqual(['User', 'user@example.com'])
  })

  it('is left out where nobody is named', async () => {
    const { body } = await activate(await makeKey(fixture), { licensee: {} })
    expect(body).not.toHaveProperty('licenseeName')
    expect(body).not.toHaveProperty('licenseeEmail')
  })

  it('is answered by the first version, null where there is none', async () => {
    const v1 = async (licenseKey: string, licensee?: object) => {
      const body = named(fixture, licenseKey, { hostId: 'host', licensee })
      const answer = await post(fixture, '/activate-key', body)
      return [answer.body.licensee_name, answer.body.licensee_email]
    }
    expect(await v1(await makeKey(fixture))).toEqual([null, null])
    expect(await v1(await makeKey(fixture), { name: 'User', email: 'u@example.com' })).toEqual([
      'User',
      'u@example.com',
    ])
  })

  it.each([
    ['a text', 'Ada', 'licensee'],
    ['an empty name', { name: '' }, 'licensee.name'],
    ['no email', { email: 'none' }, 'licensee.email'],
  ])('is refused when it is %s, and takes no slot', async (_, licensee, field) => {
    const key = await makeKey(fixture)
    expectMalformed(await activate(key, { licensee }), field)
    expect((await storedLicense(fixture, key)).activationCount).toBe(0)
  })
})
