import { createKeyring, createLicensing, isLicenseError, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let licensing: Licensing
let productId: string
let key: string
beforeAll(async () => {
  licensing = await createLicensing({ storage: memoryStorage(), keyring: createKeyring(new Date()) })
  productId = (await licensing.products.create({ name: 'Acme Editor' })).id
  key = (await licensing.licenses.create({ productId })).key
})
afterAll(() => licensing.close())

const page = { limit: 10 }
const url = 'https://hooks.example/in'
const token = { name: 'CI', kind: 'secret', scopes: [] } as const

/** Each call as it should be, and with a field that nobody knows. */
const calls: Readonly<Record<string, (stranger: object) => Promise<unknown>>> = {
  'licenses.create': (stranger) => licensing.licenses.create({ productId, ...stranger }),
  'licenses.update': (stranger) => licensing.licenses.update(key, { maxActivations: 3, ...stranger }),
  'licenses.list': (stranger) => licensing.licenses.list({ productId, ...stranger }, page),
  'licenses.sign': (stranger) =>
    licensing.licenses.sign(key, { productId, hostId: 'host', ttlSeconds: 60, ...stranger }),
  'products.create': (stranger) => licensing.products.create({ name: 'Other', ...stranger }),
  'products.update': (stranger) => licensing.products.update(productId, { graceSeconds: 0, ...stranger }),
  'products.createVersion': (stranger) => licensing.products.createVersion(productId, { version: '1', ...stranger }),
  'products.updateVersion': async (stranger) => {
    const { id } = await licensing.products.createVersion(productId, { version: '2' })
    return licensing.products.updateVersion(productId, id, { active: false, ...stranger })
  },
  'customers.create': (stranger) => licensing.customers.create({ name: 'Ada', ...stranger }),
  'customers.update': async (stranger) => {
    const { id } = await licensing.customers.create({ name: 'Grace' })
    return licensing.customers.update(id, { active: false, ...stranger })
  },
  'accessTokens.create': (stranger) => licensing.accessTokens.create({ ...token, ...stranger }),
  'webhooks.create': (stranger) => licensing.webhooks.create({ url, ...stranger }),
  'webhooks.update': async (stranger) => {
    const { id } = await licensing.webhooks.create({ url })
    return licensing.webhooks.update(id, { active: false, ...stranger })
  },
  'webhooks.deliveries': (stranger) => licensing.webhooks.deliveries({ status: 'dead', ...stranger }, page),
  'events.list': (stranger) => licensing.events.list({ ...stranger }, page),
}

/** What a call is refused with. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isLicenseError(error)) throw new Error('the call was not refused as it should be', { cause: error })
  return { code: error.code, field: error.detail.field, message: error.message }
}

describe('in process', () => {
  it.each(Object.keys(calls))('%s takes what it knows, and refuses a field it does not', async (name) => {
    const call = calls[name] ?? expect.fail(name)
    expect(await call({})).toBeDefined()
    const message = 'maxActivation: is not a known field'
    expect(await refusal(call({ maxActivation: 3 }))).toEqual({
      code: 'INVALID_REQUEST',
      field: 'maxActivation',
      message,
    })
  })

  it.each([
    ['customer.emial', { customer: { name: 'Ada', emial: 'ada@example.com' } }],
    ['customer.name', { customer: { id: 'cust_0000000000000000000000', name: 'Ada' } }],
    ['floating.seats', { floating: { seats: 3 } }],
    ['validFor.units', { validFor: { amount: 1, unit: 'day', units: 'days' } }],
    ['format.length', { format: { length: 3 } }],
  ])('names %s, which is a field within a field', async (field, input) => {
    expect(await refusal(licensing.licenses.create({ productId, ...(input as object) }))).toEqual({
      code: 'INVALID_REQUEST',
      field,
      message: `${field}: is not a known field`,
    })
  })

  it('takes no number in decimal digits, which the wire does', async () => {
    const input = { productId, maxActivations: '3' as unknown as number }
    expect(await refusal(licensing.licenses.create(input))).toMatchObject({ field: 'maxActivations' })
  })

  it('changes of a product what it is made with, and the other way round', async () => {
    const terms = {
      name: 'All terms',
      active: false,
      offlineLifetimeSeconds: 60,
      graceSeconds: 1,
      entitlements: ['export'],
      requireProof: true,
      selfService: true,
      trialSeconds: 60,
      usersPerHost: 7,
      onClone: 'reactivate',
    } as const
    const { id, accountId, packageId, createdAt, ...made } = await licensing.products.create(terms)
    // Switched on later, where there are apps that want it.
    const off = { authtoolClient: null }
    expect(made).toEqual({ ...terms, ...off })
    const changed = {
      ...terms,
      name: 'Changed',
      active: true,
      trialSeconds: null,
      usersPerHost: null,
      onClone: 'event',
    } as const
    const updated = await licensing.products.update(id, changed)
    expect(updated).toEqual({ id, accountId, packageId, createdAt, ...changed, ...off })
  })

  it('makes each product of terms of its own: changing what comes back changes no other', async () => {
    const made = await licensing.products.create({ name: 'First' })
    ;(made.entitlements as string[]).push('export')
    expect((await licensing.products.create({ name: 'Second' })).entitlements).toEqual([])
  })

  it('makes inactive versions, customers and webhooks, as it changes them', async () => {
    expect(await licensing.products.createVersion(productId, { version: '3', active: false })).toMatchObject({
      active: false,
    })
    expect(await licensing.customers.create({ name: 'Joan', active: false })).toMatchObject({ active: false })
    expect(await licensing.webhooks.create({ url, active: false })).toMatchObject({ active: false })
  })
})
