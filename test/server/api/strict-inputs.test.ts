import { createKeyring, createLicensing, isLicenseError, type Licensing } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { sqliteStorage } from 'keyslot/storage/sqlite'
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

const url = 'https://hooks.example/in'
const page = { limit: 10, offset: 0 }
const expiresAt = new Date('2100-01-01')
const nobody = 'cust_0000000000000000000000'
const terms = { name: 'Other', graceSeconds: 0, usersPerHost: 3, selfService: true }

/**
 * Sound arguments of each method, with every object that the method takes. What they name need not be there: only the shape
 * counts. After a comma: the same method once more.
 */
const ARGUMENTS: Readonly<Record<string, () => readonly unknown[]>> = {
  'licenses.create': () => [
    {
      productId,
      maxActivations: 3,
      metadata: { maxActivation: 'any field at all' },
      customer: { name: 'Ada', email: 'ada@example.com' },
      validFor: { amount: 1, unit: 'day' },
      floating: { maxConcurrentSessions: 3, sessionLeaseSeconds: 900 },
      format: { sections: 5, prefix: 'ACME-' },
    },
  ],
  'licenses.create, for a customer there is': () => [{ productId, expiresAt, customer: { id: nobody } }],
  'licenses.get': () => [key],
  'licenses.list': () => [{ productId, externalId: 'order-1' }, page],
  'licenses.each': () => [
    {
      customerId: nobody,
      email: 'ada@example.com',
      blocked: false,
      expiresFrom: expiresAt,
      expiresBefore: expiresAt,
      keyPart: 'T8X',
      metadata: { plan: 'team' },
    },
  ],
  'licenses.getById': () => ['no license'],
  'licenses.update': () => [key, { maxActivations: 3, expiresAt }],
  'licenses.sign': () => [key, { productId, hostId: 'host', ttlSeconds: 60 }],
  'licenses.activate': () => [
    key,
    { productId, hostId: 'host', deviceTag: 'Desk', appVersion: '1', licensee: { name: 'Ada', email: 'no email' } },
  ],
  'licenses.validate': () => [key, { productId, hostId: 'host' }],
  'licenses.sessions': () => [key, page],
  'licenses.endSession': () => [key, 'no session'],
  'licenses.dropKey': () => [key, { productId, hostId: 'host', key: 'A'.repeat(43) }],
  'licenses.releaseHost': () => [key, 'host'],
  'licenses.block': () => [key],
  'licenses.unblock': () => [key],
  'licenses.reset': () => [key],
  'licenses.delete': () => ['no such key'],
  'products.create': () => [terms],
  'products.get': () => [productId],
  'products.list': () => [page],
  'products.each': () => [],
  'products.update': () => [productId, terms],
  'products.createVersion': () => [productId, { version: '1', description: 'the first' }],
  'products.updateVersion': () => [productId, 'no version', { active: false }],
  'products.listVersions': () => [productId, page],
  'customers.create': () => [{ name: 'Grace', email: null, active: true }],
  'customers.get': () => [nobody],
  'customers.findByEmail': () => ['ada@example.com'],
  'customers.list': () => [page],
  'customers.each': () => [],
  'customers.update': () => [nobody, { name: 'Hopper', active: false }],
  'customers.delete': () => [nobody],
  'accessTokens.create': () => [{ name: 'CI', kind: 'secret', scopes: [], productIds: [productId], expiresAt }],
  'accessTokens.list': () => [page],
  'accessTokens.each': () => [],
  'accessTokens.revoke': () => ['no token'],
  'webhooks.create': () => [{ url, eventTypes: ['license.created'], active: false }],
  'webhooks.list': () => [page],
  'webhooks.each': () => [],
  'webhooks.update': () => ['no webhook', { active: false }],
  'webhooks.rotateSecret': () => ['no webhook'],
  'webhooks.delete': () => ['no webhook'],
  'webhooks.deliveries': () => [{ webhookId: 'no webhook', status: 'dead' }, page],
  'webhooks.redeliver': () => ['no delivery'],
  'events.list': () => [
    { licenseId: 'no license', type: 'license.created', since: expiresAt, newestFirst: true },
    page,
  ],
  'events.each': () => [{ licenseId: 'no license', type: 'license.created' }],
  createAccount: () => [{ name: 'Other', plan: 'free' }],
}

/** What takes no object, and is no function of one account. */
const OTHERS = ['close', 'errorHandler', 'forAccount', 'off', 'on', 'router', 'runHousekeeping', 'runWebhooks']

type Fields = Readonly<Record<string, unknown>>

function methodsOf(api: object): readonly string[] {
  return Object.entries(api).flatMap(([name, value]) => {
    if (typeof value === 'function') return [name]
    const isOfMethods = Object.values(value).some((method) => typeof method === 'function')
    return isOfMethods ? Object.keys(value).map((method) => `${name}.${method}`) : []
  })
}

async function call(name: string, given: readonly unknown[]): Promise<unknown> {
  const [method = ''] = name.split(',')
  const [first = '', second] = method.split('.')
  const api = (licensing as unknown as Readonly<Record<string, never>>)[first]
  return Reflect.apply(second === undefined ? (api ?? expect.fail(name)) : (api?.[second] ?? expect.fail(name)), api, [
    ...given,
  ])
}

/** An object once for each field that it has, within those fields too, with that field mistyped. */
function mistypedIn(
  given: unknown,
): readonly { readonly field: string; readonly meant: string; readonly value: Fields }[] {
  if (typeof given !== 'object' || given === null || Object.getPrototypeOf(given) !== Object.prototype) return []
  return Object.entries(given).flatMap(([meant, value]) => {
    const { [meant]: _, ...others } = given as Fields
    const field = meant + meant.at(-1)
    const within = meant === 'metadata' ? [] : mistypedIn(value)
    return [
      { field, meant, value: { ...others, [field]: value } },
      ...within.map((one) => ({ ...one, field: `${meant}.${one.field}`, value: { ...others, [meant]: one.value } })),
    ]
  })
}

/** What a call is refused with. */
async function refusal(made: Promise<unknown>) {
  const error = await made.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!isLicenseError(error)) throw new Error('the call was not refused as it should be', { cause: error })
  return { code: error.code, field: error.detail.field, message: error.message }
}

describe('in process', () => {
  it('has no method that the table of arguments does not know', () => {
    const tried = new Set(Object.keys(ARGUMENTS).map((name) => name.replace(/,.*/, '')))
    expect(methodsOf(licensing).toSorted()).toEqual([...tried, ...OTHERS].toSorted())
  })

  describe.each(Object.entries(ARGUMENTS))('%s', (name, make) => {
    it('takes the fields that it knows', async () => {
      const code = await call(name, make()).then(
        () => 'done',
        (error: unknown) => (isLicenseError(error) ? error.code : error),
      )
      expect(code).toMatch(/^(done|\w+_NOT_FOUND)$/)
    })

    it('refuses each of them mistyped, and names the one that is meant', async () => {
      const given = make()
      for (const [place, argument] of given.entries()) {
        for (const { field, meant, value } of mistypedIn(argument)) {
          const message = `${field}: is not a known field. Did you mean ${meant}?`
          const mistyped = given.with(place, value)
          expect(await refusal(call(name, mistyped))).toEqual({ code: 'INVALID_REQUEST', field, message })
        }
      }
    })
  })

  it.each<[string, object, string]>([
    ['customer.emial', { customer: { name: 'Ada', emial: 'ada@example.com' } }, '. Did you mean email?'],
    ['customer.name', { customer: { id: nobody, name: 'Ada' } }, ''],
    ['maxActivation', { maxActivation: 3, expiresAT: expiresAt }, '. Did you mean maxActivations?'],
    ['expiresAT', { expiresAT: expiresAt }, '. Did you mean expiresAt?'],
    ['colour', { colour: 'red' }, ''],
  ])('refuses %s, and names the field that is near, if one is', async (field, input, hint) => {
    const { message } = await refusal(licensing.licenses.create({ productId, ...input }))
    expect(message).toBe(`${field}: is not a known field${hint}`)
  })

  it('refuses a mistyped field before it asks for the one that is missing', async () => {
    const token = { name: 'CI', kind: 'secret', scope: ['licenses:read'] }
    expect(await refusal(call('accessTokens.create', [token]))).toMatchObject({ field: 'scope' })
  })

  it('refuses options and events that do not exist, naming what is near', async () => {
    const options = { storage: memoryStorage(), keyring: createKeyring(new Date()) }
    const started = (more: object) => createLicensing({ ...options, ...more })
    const unknown = (text: string) =>
      expect.objectContaining({ name: 'TypeError', message: expect.stringMatching(text) })
    for (const [more, text] of [
      [{ isuer: 'acme' }, 'createLicensing: unknown option isuer. Did you mean issuer?'],
      [{ webhooks: { deliver: false, disableAfterDay: 3 } }, 'webhooks: unknown option .* mean disableAfterDays?'],
      [{ rateLimits: { perSecretTokn: 3 } }, 'rateLimits: unknown option .* mean perSecretToken?'],
      [{ seatReuse: { freeMove: 3 } }, 'seatReuse: unknown option .* mean freeMoves?'],
    ] as const) {
      await expect(started(more)).rejects.toThrow(unknown(text))
    }
    expect(() => sqliteStorage({ file: 'a.db', busyTimeout: 3 } as never)).toThrow(unknown('mean busyTimeoutMs?'))
    const type = 'license.activate' as never
    for (const place of ['on', 'off'] as const) {
      expect(() => licensing[place](type, () => undefined)).toThrow(unknown('mean license.activated?'))
    }
    expect(() => licensing.on('license.activated', undefined as never)).toThrow(TypeError)
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
