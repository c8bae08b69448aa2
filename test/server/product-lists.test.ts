import { type AccountApi, SCOPES } from 'keyslot/server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STORAGES } from './api/storages'
import { makeAuthtoolKey, PLAIN_MOUNT } from './http/actions'
import { type Fixture, send, startFixture, type WireAnswer } from './http/harness'
import { AUTHENTICATED_ROUTES, type NamedRoute, requestFor, successStatus } from './http/requests'
import { activateDevice, checkOut, SUBJECT_HOST, type Subject, useDevice } from './http/subject'

/** Which products a license is for, or what licenses a customer has. */
const SOLD = ['A', 'B', 'A and B'] as const
const HELD = ['A', 'B', 'A and B', 'A, and another of B', 'A, and another of A and B', 'none'] as const

/** What acts for a host on a product that is on the list, whatever else the license is for. */
const USES: readonly string[] = [
  ...['activateKey', 'v1ActivateKey', 'validateKey', 'signKey', 'checkout', 'heartbeat', 'checkin', 'startTrial'],
]
const SEES_CUSTOMER: readonly string[] = ['getCustomer', 'listCustomerKeys']
const CHANGES_CUSTOMER: readonly string[] = ['updateCustomer', 'toggleCustomer', 'deleteCustomer']
const MAKES: readonly string[] = [
  ...['createKey', 'v1CreateKey', 'createCustomer', 'listCustomers', 'authtoolCreateSingle', 'authtoolCreateMultiple'],
]
const OF_CUSTOMER = AUTHENTICATED_ROUTES.filter(({ name }) => [...SEES_CUSTOMER, ...CHANGES_CUSTOMER].includes(name))
const OF_LICENSE = AUTHENTICATED_ROUTES.filter((route) => !OF_CUSTOMER.includes(route) && !MAKES.includes(route.name))

describe.each(Object.keys(STORAGES))('a token of product A, on %s', (name) => {
  let fixture: Fixture
  let api: AccountApi
  let drop: (() => Promise<void>) | undefined
  let token: string
  let productB: { readonly id: string; readonly packageId: number }

  beforeAll(async () => {
    const made = await STORAGES[name]?.()
    if (made === undefined) throw new Error(`there is no storage ${name}`)
    drop = made.drop
    fixture = await startFixture(PLAIN_MOUNT, { storage: made.storage })
    api = fixture.licensing
    productB = await api.products.create({ name: 'B', trialSeconds: 86_400 })
    await api.products.update(fixture.productId, { trialSeconds: 86_400 })
    const { productId } = fixture
    token = (await api.accessTokens.create({ name: 'A', kind: 'secret', scopes: SCOPES, productIds: [productId] }))
      .token
  })
  afterAll(async () => {
    await fixture.close()
    await drop?.()
  })

  const packagesOf = (sold: (typeof SOLD)[number]) => [
    ...(sold.includes('A') ? [fixture.packageId] : []),
    ...(sold.includes('B') ? [productB.packageId] : []),
  ]

  /** A license with a device, for these products. */
  async function makeLicense(sold: (typeof SOLD)[number], type: 'node-locked' | 'floating' = 'node-locked') {
    const packageIds = packagesOf(sold)
    const key = await makeAuthtoolKey(fixture, { packageIds, activateCount: 9, endDate: '2030-01-01' })
    await api.licenses.update(key, { type })
    return key
  }

  async function makeCustomer(held: (typeof HELD)[number]): Promise<string> {
    const { id } = await api.customers.create({ name: held })
    for (const sold of held === 'none' ? [] : held.split(', and another of ')) {
      await api.licenses.update(await makeLicense(sold as (typeof SOLD)[number]), { customerId: id })
    }
    return id
  }

  /** A request names the product that it is about: of the license's, the one on the list where there is one. */
  async function subjectOf(sold: (typeof SOLD)[number]): Promise<Subject> {
    const productId = sold === 'B' ? productB.id : fixture.productId
    const inProduct = { ...fixture, productId }
    const [licenseKey, usedKey, floatingKey] = [
      await makeLicense(sold),
      await makeLicense(sold),
      await makeLicense(sold, 'floating'),
    ]
    return {
      ...{ productId, packageId: packagesOf(sold)[0] ?? 0, licenseKey, usedKey, floatingKey, customerId: '' },
      trialHost: `trial of ${licenseKey}`,
      ...(await useDevice(inProduct, usedKey)),
      session: await checkOut(inProduct, floatingKey, SUBJECT_HOST),
    }
  }

  function ask(route: NamedRoute, subject: Subject): Promise<WireAnswer> {
    const { path, body } = requestFor(route, subject)
    return send(fixture.url, route.route.method, path, { token, ...(body && { body }) })
  }

  const changes = async () =>
    (await api.events.list({}, { limit: 100_000 })).items.filter(({ actor }) => actor.id !== 'api').length

  it.each(OF_LICENSE)('uses licenses of A, and changes and shows those of A alone: $title', async (route) => {
    for (const sold of SOLD) {
      const subject = await subjectOf(sold)
      const before = await changes()
      const { status, body } = await ask(route, subject)
      const isAllowed = sold === 'A' || (sold === 'A and B' && USES.includes(route.name))
      expect(status, `${sold}: ${JSON.stringify(body)}`).toBe(isAllowed ? successStatus(route) : 403)
      if (!isAllowed) expect(await changes()).toBe(before)
    }
  })

  it('frees a host that it names of any license for A, and all hosts of those for A alone', async () => {
    const licenseKey = await makeLicense('A and B')
    await activateDevice(fixture, licenseKey, SUBJECT_HOST)
    const { productId } = fixture
    const body = { productId, licenseKey, hostId: SUBJECT_HOST }
    expect((await send(fixture.url, 'POST', '/key/deactivate', { token, body })).status).toBe(200)
    const device = await activateDevice(fixture, licenseKey, SUBJECT_HOST)
    const replacing = { ...body, hostId: 'another', replaceDevice: device }
    expect((await send(fixture.url, 'POST', '/key/activate', { token, body: replacing })).status).toBe(403)
    const { activations } = await api.licenses.get(licenseKey)
    expect(activations.map(({ hostId }) => hostId)).toEqual([SUBJECT_HOST])
  })

  it.each(OF_CUSTOMER)('sees who has a license of A alone, and changes who has no other: $title', async (route) => {
    for (const held of HELD) {
      const customerId = await makeCustomer(held)
      const subject = { ...(await subjectOf('A')), customerId }
      const before = await changes()
      const { status, body } = await ask(route, subject)
      const sees = held === 'none' || /^A(,|$)/.test(held)
      const isAllowed = CHANGES_CUSTOMER.includes(route.name) ? held === 'none' || held === 'A' : sees
      expect(status, `${held}: ${JSON.stringify(body)}`).toBe(isAllowed ? 200 : 403)
      if (route.name === 'listCustomerKeys' && isAllowed) expect(body.data).toHaveLength(held === 'none' ? 0 : 1)
      if (isAllowed) continue
      expect(await api.customers.get(customerId)).toMatchObject({ name: held, active: true })
      expect((await api.licenses.list({ customerId }, { limit: 0 })).total).toBe(held.includes('another') ? 2 : 1)
      expect(await changes()).toBe(before)
    }
  })

  it('lists and counts the customers it sees, page by page', async () => {
    const all = new Map<string, string>()
    for (const held of HELD) all.set(await makeCustomer(held), held)
    const listed: string[] = []
    let total = Number.POSITIVE_INFINITY
    for (let page = 1; listed.length < total; page++) {
      const { body } = await send(fixture.url, 'GET', `/customer?page=${page}&limit=3`, { token })
      total = body.meta.total
      listed.push(...body.data.map(({ id }: { id: string }) => id))
      expect(body.data.length, 'an empty page').toBeGreaterThan(0)
    }
    const seen = HELD.filter((held) => held === 'none' || /^A(,|$)/.test(held))
    expect(listed.flatMap((id) => all.get(id) ?? [])).toEqual(seen)
    expect(new Set(listed).size).toBe(listed.length)
  })

  it('sells to customers it sees, and to no others', async () => {
    const { productId } = fixture
    for (const held of HELD) {
      const customerId = await makeCustomer(held)
      const status = held === 'none' || /^A(,|$)/.test(held) ? 200 : 403
      const sent = await send(fixture.url, 'POST', '/key', { token, body: { productId, customerId } })
      expect(sent.status, held).toBe(status)
      const licenseKey = await makeLicense('A')
      const moved = await send(fixture.url, 'PATCH', '/key', { token, body: { productId, licenseKey, customerId } })
      expect(moved.status, held).toBe(status)
    }
  })

  it('makes keys of packages on its list alone', async () => {
    for (const sold of SOLD) {
      const body = { quantity: 1, packageIds: packagesOf(sold), duration: 1, unit: 'day' }
      const { status } = await send(fixture.url, 'POST', '/public/v1/key/single-activate', { token, body })
      expect(status).toBe(sold === 'A' ? 201 : 403)
    }
  })

  it('does as it is told anew what it may: a refusal is not remembered for longer than its reason', async () => {
    const customerId = await makeCustomer('A, and another of B')
    const headers = { 'Idempotency-Key': customerId }
    const rename = () =>
      send(fixture.url, 'PUT', '/customer/by-id', { token, headers, body: { customerId, name: 'C' } })
    expect((await rename()).status).toBe(403)
    for (const { key, productIds } of (await api.licenses.list({ customerId }, { limit: 9 })).items) {
      if (productIds.includes(productB.id)) await api.licenses.delete(key)
    }
    expect((await rename()).status).toBe(200)
  })
})
