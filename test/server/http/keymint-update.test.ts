import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  addAccount,
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
  UNKNOWN_KEY,
} from './actions'
import { type Fixture, startFixture } from './harness'

const UPDATED = { code: 0, message: 'Key updated', affectedCount: 1 }

describe('PATCH /key', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())

  const update = (licenseKey: string, fields: Record<string, unknown>) =>
    ask(fixture, 'PATCH', '/key', named(fixture, licenseKey, fields))

  it('changes what is given and leaves the rest', async () => {
    const key = await makeKey(fixture, { maxActivations: 2, metadata: { a: 1, b: 2 }, allowedHosts: ['one'] })
    expectAnswer(await update(key, { maxActivations: '7', metadata: { c: 3 } }), 200, UPDATED)
    expect(await storedLicense(fixture, key)).toMatchObject({ maxActivations: 7, allowedHosts: ['one'] })
    expect((await storedLicense(fixture, key)).metadata).toEqual({ c: 3 })
    expectAnswer(await update(key, {}), 200, UPDATED)
    expect((await storedLicense(fixture, key)).metadata).toEqual({ c: 3 })
  })

  it('clears a field with null', async () => {
    const key = await makeKey(fixture, {
      maxActivations: 2,
      expiryDate: '2027-01-01',
      metadata: { a: 1 },
      allowedHosts: ['one'],
      newCustomer: { name: 'Ada' },
    })
    const nothing = { maxActivations: null, expiryDate: null, metadata: null, allowedHosts: null, customerId: null }
    expectAnswer(await update(key, nothing), 200, UPDATED)
    expect(await storedLicense(fixture, key)).toMatchObject({
      maxActivations: null,
      expiresAt: null,
      metadata: null,
      allowedHosts: null,
      customerId: null,
    })
  })

  it('evicts nobody and admits nobody when the limit is lowered', async () => {
    const key = await makeKey(fixture, { maxActivations: 3 })
    for (const host of ['one', 'two', 'three']) await activateHost(fixture, key, host)
    await update(key, { maxActivations: 1 })

    expect((await storedLicense(fixture, key)).activationCount).toBe(3)
    expect((await activateHost(fixture, key, 'two')).status).toBe(200)
    expectRefusal(await activateHost(fixture, key, 'four'), 403, 2, 'Activation limit reached')
    await post(fixture, '/key/deactivate', named(fixture, key, { hostId: 'one' }))
    expectRefusal(await activateHost(fixture, key, 'four'), 403, 2, 'Activation limit reached')
  })

  it('gives the license to a customer, known or new', async () => {
    const key = await makeKey(fixture)
    const known = await fixture.licensing.customers.create({ name: 'Known', email: 'known@example.com' })
    expectAnswer(await update(key, { customerId: known.id }), 200, UPDATED)
    expect((await storedLicense(fixture, key)).customerId).toBe(known.id)

    expectAnswer(await update(key, { newCustomer: { name: 'New', email: 'new@example.com' } }), 200, UPDATED)
    expect((await fixture.licensing.licenses.get(key)).customer).toMatchObject({
      name: 'New',
      email: 'new@example.com',
    })
    const taken = 'Customer with this email already exists'
    expectRefusal(await update(key, { newCustomer: { name: 'Again', email: 'NEW@example.com' } }), 409, 1, taken)
  })

  it('refuses customers as creating a key does', async () => {
    const key = await makeKey(fixture)
    const rival = await addAccount(fixture)
    const theirs = await rival.api.customers.create({ name: 'Theirs' })
    expectRefusal(await update(key, { customerId: UNKNOWN_ID }), 400, 1, 'Customer not found')
    expectRefusal(await update(key, { customerId: theirs.id }), 400, 1, 'Customer not found')
    const both = { customerId: UNKNOWN_ID, newCustomer: { name: 'Ada' } }
    expectRefusal(await update(key, both), 400, 1, 'Cannot specify both customerId and newCustomer')
  })

  it('needs customers:write for a new customer, here as in POST /key', async () => {
    const key = await makeKey(fixture)
    const { token } = await fixture.licensing.accessTokens.create({
      name: 'writer',
      kind: 'secret',
      scopes: ['licenses:write'],
    })
    const fields = { newCustomer: { name: 'Ada' } }
    const forbidden = 'Insufficient permissions for this operation'
    expectRefusal(await ask(fixture, 'PATCH', '/key', named(fixture, key, fields), { token }), 403, 1, forbidden)
    const create = { productId: fixture.productId, ...fields }
    expectRefusal(await post(fixture, '/key', create, { token }), 403, 1, forbidden)
    expectRefusal(await post(fixture, '/create-key', create, { token }), 403, 1, forbidden)
    expect((await post(fixture, '/key', { productId: fixture.productId }, { token })).status).toBe(200)
  })

  it('makes no customer for a license there is not', async () => {
    const email = 'nobody@example.com'
    const answer = await update(UNKNOWN_KEY, { newCustomer: { name: 'Nobody', email } })
    expectRefusal(answer, 404, 1, 'Invalid license key')
    expect(await fixture.licensing.customers.findByEmail(email)).toBeNull()
  })

  it('ignores the fields that only creation takes', async () => {
    const key = await makeKey(fixture)
    expectAnswer(await update(key, { format: 'nonsense', amountKeys: -1, blocked: true, key: 'X' }), 200, UPDATED)
    expect(await storedLicense(fixture, key)).toMatchObject({ key, blocked: false })
  })

  it.each([
    ['maxActivations', 0],
    ['expiryDate', 'tomorrow'],
    ['metadata', []],
    ['allowedHosts', 'one'],
    ['licenseType', null],
    ['customerId', 7],
  ])('refuses %s = %j and changes nothing', async (field, value) => {
    const key = await makeKey(fixture, { maxActivations: 4 })
    const before = await storedLicense(fixture, key)
    expectMalformed(await update(key, { maxActivations: 9, [field]: value }), field)
    expect(await storedLicense(fixture, key)).toEqual(before)
  })

  it('changes an expired and a blocked license too', async () => {
    const key = await makeKey(fixture, { expiryDate: '2020-01-01' })
    await fixture.licensing.licenses.block(key)
    expectAnswer(await update(key, { expiryDate: '2030-01-01' }), 200, UPDATED)
    expect(await storedLicense(fixture, key)).toMatchObject({ blocked: true, expiresAt: new Date('2030-01-01') })
  })

  it('requires the product and the key', async () => {
    const body = { maxActivations: 2 }
    expectRefusal(await ask(fixture, 'PATCH', '/key', body), 400, 1, 'Missing required params')
    expectRefusal(await update(UNKNOWN_KEY, body), 404, 1, 'Invalid license key')
    expectMalformed(await update('short', body), 'licenseKey')
  })
})

describe.each([
  ['/key/block', '/key/unblock'],
  ['/block-key', '/unblock-key'],
])('POST %s and %s', (block, unblock) => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())

  it('block and unblock, however often', async () => {
    const key = await makeKey(fixture)
    for (const _ of [1, 2]) {
      expectAnswer(await post(fixture, block, named(fixture, key)), 200, { message: 'Key blocked', code: 0 })
      expect((await storedLicense(fixture, key)).blocked).toBe(true)
    }
    for (const _ of [1, 2]) {
      expectAnswer(await post(fixture, unblock, named(fixture, key)), 200, { message: 'Key unblocked', code: 0 })
      expect((await storedLicense(fixture, key)).blocked).toBe(false)
    }
  })

  it('refuse what they cannot find', async () => {
    for (const path of [block, unblock]) {
      expectRefusal(await post(fixture, path, named(fixture, UNKNOWN_KEY)), 404, 1, 'Invalid license key')
      expectRefusal(await post(fixture, path, { licenseKey: UNKNOWN_KEY }), 400, 1, 'Missing required params')
    }
  })
})
