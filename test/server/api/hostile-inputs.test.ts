import { createKeyring, createLicensing, isLicenseError, type Licensing } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { HOSTILE_JSON } from '../../hostile-json'
import { STORAGES } from './storages'

const page = { limit: 3 }

/** Every call with something in each of its places, in turn. What is in it has no type here. */
// biome-ignore lint/suspicious/noExplicitAny: callers without types send anything
type Call = (value: any) => unknown

function callsOf(api: Licensing, productId: string, key: string): Readonly<Record<string, Call>> {
  const { licenses, products, customers, accessTokens, webhooks, events } = api
  const token = { name: 'CI', kind: 'secret', scopes: [] } as const
  const sign = { productId, hostId: 'host', ttlSeconds: 60 }
  return {
    'licenses.create': (value) => licenses.create(value),
    'licenses.create, product': (value) => licenses.create({ productId: value }),
    'licenses.create, customer': (value) => licenses.create({ productId, customer: value }),
    'licenses.create, metadata': (value) => licenses.create({ productId, metadata: value }),
    'licenses.create, in metadata': (value) => licenses.create({ productId, metadata: { value } }),
    'licenses.create, hosts': (value) => licenses.create({ productId, allowedHosts: value }),
    'licenses.create, expiry': (value) => licenses.create({ productId, expiresAt: value }),
    'licenses.create, validity': (value) => licenses.create({ productId, validFor: value }),
    'licenses.create, format': (value) => licenses.create({ productId, format: value }),
    'licenses.create, idempotency': (value) => licenses.create({ productId, idempotencyKey: value }),
    'licenses.get': (value) => licenses.get(value),
    'licenses.list': (value) => licenses.list(value, page),
    'licenses.list, page': (value) => licenses.list({}, value),
    'licenses.list, product': (value) => licenses.list({ productId: value }, page),
    'licenses.list, customer': (value) => licenses.list({ customerId: value }, page),
    'licenses.list, external id': (value) => licenses.list({ externalId: value }, page),
    'licenses.update': (value) => licenses.update(value, {}),
    'licenses.update, changes': (value) => licenses.update(key, value),
    'licenses.sign': (value) => licenses.sign(value, sign),
    'licenses.sign, input': (value) => licenses.sign(key, value),
    'licenses.block': (value) => licenses.block(value),
    'licenses.unblock': (value) => licenses.unblock(value),
    'licenses.reset': (value) => licenses.reset(value),
    'licenses.delete': (value) => licenses.delete(value),
    'products.create': (value) => products.create(value),
    'products.createVersion': (value) => products.createVersion(value, { version: '1' }),
    'products.createVersion, input': (value) => products.createVersion(productId, value),
    'products.updateVersion, product': (value) => products.updateVersion(value, 'version', {}),
    'products.updateVersion, version': (value) => products.updateVersion(productId, value, {}),
    'products.updateVersion, changes': (value) => products.updateVersion(productId, 'version', value),
    'products.listVersions': (value) => products.listVersions(value, page),
    'products.listVersions, page': (value) => products.listVersions(productId, value),
    'products.get': (value) => products.get(value),
    'products.list': (value) => products.list(value),
    'products.update': (value) => products.update(value, {}),
    'products.update, changes': (value) => products.update(productId, value),
    'customers.create': (value) => customers.create(value),
    'customers.get': (value) => customers.get(value),
    'customers.findByEmail': (value) => customers.findByEmail(value),
    'customers.list': (value) => customers.list(value),
    'customers.update': (value) => customers.update(value, {}),
    'customers.update, changes': (value) => customers.update('customer', value),
    'customers.delete': (value) => customers.delete(value),
    'accessTokens.create': (value) => accessTokens.create(value),
    'accessTokens.create, products': (value) =>
      accessTokens.create({ ...token, kind: 'publishable', productIds: value }),
    'accessTokens.create, addresses': (value) => accessTokens.create({ ...token, allowedAddresses: value }),
    'accessTokens.create, an address': (value) => accessTokens.create({ ...token, allowedAddresses: [value] }),
    'accessTokens.list': (value) => accessTokens.list(value),
    'accessTokens.revoke': (value) => accessTokens.revoke(value),
    'webhooks.create': (value) => webhooks.create(value),
    'webhooks.create, url': (value) => webhooks.create({ url: value }),
    'webhooks.create, types': (value) => webhooks.create({ url: 'https://hooks.example', eventTypes: value }),
    'webhooks.list': (value) => webhooks.list(value),
    'webhooks.update': (value) => webhooks.update(value, {}),
    'webhooks.rotateSecret': (value) => webhooks.rotateSecret(value),
    'webhooks.delete': (value) => webhooks.delete(value),
    'webhooks.deliveries': (value) => webhooks.deliveries(value, page),
    'webhooks.deliveries, webhook': (value) => webhooks.deliveries({ webhookId: value }, page),
    'webhooks.deliveries, page': (value) => webhooks.deliveries({}, value),
    'webhooks.redeliver': (value) => webhooks.redeliver(value),
    'events.list': (value) => events.list(value, page),
    'events.list, license': (value) => events.list({ licenseId: value }, page),
    'events.list, page': (value) => events.list({}, value),
    createAccount: (value) => api.createAccount(value),
    forAccount: (value) => api.forAccount(value).products.list(page),
    'forAccount, writing': (value) => api.forAccount(value).customers.create({ name: 'Ada' }),
  }
}

const OF_THE_LANGUAGE: readonly unknown[] = [
  undefined,
  null,
  7,
  Number.NaN,
  7n,
  Symbol('a symbol'),
  () => 'a function',
  new Date(Number.NaN),
  new Map([['name', 'Ada']]),
  Object.create(null),
  { name: Symbol('a symbol') },
  { name: 7n },
  'x'.repeat(200_000),
]
const VALUES = [...HOSTILE_JSON.map((text): unknown => JSON.parse(text)), ...OF_THE_LANGUAGE]

/** What came of a call: `done`, the code of its error, or the error that has none. */
async function endOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
    return 'done'
  } catch (error) {
    return isLicenseError(error) ? error.code : error
  }
}

describe.each(Object.keys(STORAGES))('inputs in process that are nothing like what is asked for, on %s', (name) => {
  let licensing: Licensing
  let calls: Readonly<Record<string, Call>>
  let drop: (() => Promise<void>) | undefined
  beforeAll(async () => {
    const made = await STORAGES[name]?.()
    if (made === undefined) throw new Error(`there is no storage ${name}`)
    drop = made.drop
    const logger = { warn: () => undefined, error: () => undefined }
    licensing = await createLicensing({ storage: made.storage, keyring: createKeyring(new Date()), logger })
    const { id } = await licensing.products.create({ name: 'Editor' })
    calls = callsOf(licensing, id, (await licensing.licenses.create({ productId: id })).key)
  })
  afterAll(async () => {
    await licensing.close()
    await drop?.()
  })

  it('are done or refused with a code, wherever they are', async () => {
    const uncoded: unknown[] = []
    for (const [called, call] of Object.entries(calls)) {
      for (const value of VALUES) {
        const end = await endOf(() => call(value))
        if (typeof end !== 'string' || end === 'SERVER_ERROR') uncoded.push([called, value, end])
      }
    }
    expect(uncoded).toEqual([])
  })

  it('are refused by name where one thing is named, and no thing can have that name', async () => {
    const { licenses, products, customers, accessTokens, webhooks } = licensing
    const naming: Readonly<Record<string, readonly ((value: never) => Promise<unknown>)[]>> = {
      licenseKey: [licenses.get, licenses.block, licenses.unblock, licenses.reset, licenses.delete],
      productId: [products.get],
      customerId: [customers.get, customers.delete],
      email: [customers.findByEmail],
      tokenId: [accessTokens.revoke],
      webhookId: [webhooks.rotateSecret, webhooks.delete],
      deliveryId: [webhooks.redeliver],
    }
    for (const [field, named] of Object.entries(naming)) {
      for (const call of named) {
        for (const value of [{ length: { toString: 1 } }, 7, ['a'], 'a\0b', '\ud800'])
          await expect(call(value as never)).rejects.toMatchObject({ code: 'INVALID_REQUEST', detail: { field } })
        await expect(call(undefined as never)).rejects.toMatchObject({ code: 'MISSING_PARAMS', detail: { field } })
      }
    }
    expect(() => licensing.forAccount('a\0b')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }))
    expect(await products.get('nothing')).toBeNull()
  })
})
