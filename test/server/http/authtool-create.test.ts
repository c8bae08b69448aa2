import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  addAccount,
  ask,
  expectAnswer,
  makeAuthtoolKey,
  PLAIN_MOUNT,
  post,
  storedLicense,
} from './actions'
import { type Fixture, START, startFixture } from './harness'

const SINGLE = '/public/v1/key/single-activate'
const MULTIPLE = '/public/v1/key/multiple-activate'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterAll(() => fixture.close())
afterEach(() => {
  fixture.clock.now = START
})

const required = () => ({ quantity: 1, packageIds: [fixture.packageId], duration: 30, unit: 'day' })
const single = (fields: Record<string, unknown> = {}) => post(fixture, SINGLE, { ...required(), ...fields })
const multiple = (fields: Record<string, unknown> = {}) =>
  post(fixture, MULTIPLE, { ...required(), activateCount: 3, endDate: '2027-01-01', ...fields })
const countLicenses = async () => (await fixture.licensing.licenses.list({}, { limit: 1 })).total

describe('POST /public/v1/key/single-activate', () => {
  it('makes keys with the default alias, a limit of 1 and nothing else', async () => {
    const answer = await single()
    expectAnswer(answer, 201, {
      message: 'Create key successfully',
      data: [expect.stringMatching(/^KEY(-[A-Z0-9]{4}){5}$/)],
    })
    expect(await storedLicense(fixture, answer.body.data[0])).toMatchObject({
      maxActivations: 1,
      cleanable: false,
      activationDuration: null,
      customerId: null,
    })
  })

  it.each([
    [1, 'hour', '2024-01-31T13:30:00.000Z'],
    [2, 'day', '2024-02-02T12:30:00.000Z'],
    [3, 'week', '2024-02-21T12:30:00.000Z'],
    [1, 'month', '2024-02-29T12:30:00.000Z'],
    [13, 'month', '2025-02-28T12:30:00.000Z'],
    [1, 'year', '2025-01-31T12:30:00.000Z'],
    [9999, 'year', '+012023-01-31T12:30:00.000Z'],
  ])('%i %s from 31 January 2024 ends at %s', async (duration, unit, end) => {
    fixture.clock.now = new Date('2024-01-31T12:30:00Z')
    const key = await makeAuthtoolKey(fixture, { duration, unit })
    const { body } = await ask(fixture, 'GET', `/public/v1/key/${key}`)
    expect(body.key).toMatchObject({ expiredAt: end, unit, duration })
  })

  it('starts to count at creation, not at activation', async () => {
    const { now } = fixture.clock
    const key = await makeAuthtoolKey(fixture, { duration: 1, unit: 'day' })
    fixture.clock.now = new Date(now.getTime() + 86_399_999)
    expect((await activateHost(fixture, key, 'host')).status).toBe(200)
    fixture.clock.now = new Date(now.getTime() + 86_400_000)
    expect((await activateHost(fixture, key, 'host')).body.message).toBe('License expired')
  })

  it('makes up to 999 keys, all different', async () => {
    const { status, body } = await single({ quantity: 999 })
    expect(status).toBe(201)
    expect(new Set(body.data).size).toBe(999)
  })

  it.each([
    ['quantity', [0, 1000, 1.5, '5', null, undefined, true]],
    ['packageIds', [[], [0], ['1'], 1, null, undefined, Array(101).fill(1), [1.5], [-1]]],
    ['duration', [0, 10_000, 1.5, '30', null, undefined]],
    ['unit', ['days', 'DAY', '', 1, null, undefined]],
    ['alias', ['', 'a b', 'x'.repeat(33), 'schlüssel', 'a.b', 5, []]],
    ['isCleanable', ['true', 1, {}]],
  ])('refuses a malformed %s, naming it, and makes nothing', async (field, values) => {
    const before = await countLicenses()
    for (const value of values) {
      expectAnswer(await single({ [field]: value }), 422, { message: expect.stringContaining(field) })
    }
    expect(await countLicenses()).toBe(before)
  })

  it('names the first offending field', async () => {
    expect((await post(fixture, SINGLE, {})).body.message).toContain('quantity')
    expect((await single({ duration: 0, unit: 'eon' })).body.message).toContain('duration')
  })

  it('takes null for what is optional, and ignores what it does not know', async () => {
    expect((await single({ alias: null, isCleanable: null, price: 5, activateCount: 'many' })).status).toBe(201)
  })

  it('refuses packages that are unknown, foreign or inactive, and makes nothing', async () => {
    const rival = await addAccount(fixture)
    const gone = await fixture.licensing.products.create({ name: 'Gone' })
    await fixture.licensing.products.update(gone.id, { active: false })
    const before = await countLicenses()
    for (const packageId of [4711, rival.packageId, gone.packageId, Number.MAX_SAFE_INTEGER]) {
      const answer = await single({ packageIds: [fixture.packageId, packageId], quantity: 3 })
      expectAnswer(answer, 422, { message: expect.stringContaining('packageIds') })
    }
    expect(await countLicenses()).toBe(before)
  })

  it('makes one key good for several packages, each named once', async () => {
    const other = await fixture.licensing.products.create({ name: 'Other' })
    const { packageId, productId } = fixture
    const key = await makeAuthtoolKey(fixture, { packageIds: [other.packageId, packageId, other.packageId] })
    expect((await storedLicense(fixture, key)).productIds).toEqual([other.id, productId])
    const activate = (id: string) => post(fixture, '/key/activate', { productId: id, licenseKey: key, hostId: 'host' })
    expect((await activate(productId)).status).toBe(200)
    expect((await activate(other.id)).status).toBe(200)
    expect((await storedLicense(fixture, key)).activationCount).toBe(1)
  })

  it('lets accounts of plan pro choose the alias, upper-cased', async () => {
    const pro = await addAccount(fixture, 'pro')
    const free = await addAccount(fixture, 'free')
    const create = async ({ secret, packageId }: typeof pro, alias?: string) => {
      const body = { ...required(), packageIds: [packageId], ...(alias && { alias }) }
      return (await post(fixture, SINGLE, body, { token: secret })).body.data[0]
    }
    expect((await single({ alias: 'my-custom_Alias1' })).body.data[0]).toMatch(/^MY-CUSTOM_ALIAS1(-[A-Z0-9]{4}){5}$/)
    expect(await create(pro, 'acme')).toMatch(/^ACME(-[A-Z0-9]{4}){5}$/)
    expect(await create(pro, 'x'.repeat(32))).toMatch(/^X{32}(-[A-Z0-9]{4}){5}$/)
    expect(await create(pro)).toMatch(/^KEY-/)
    expect(await create(free, 'acme')).toMatch(/^KEY(-[A-Z0-9]{4}){5}$/)
  })

  it('still checks the alias of an account that cannot choose one', async () => {
    const free = await addAccount(fixture, 'free')
    const body = { ...required(), packageIds: [free.packageId], alias: 'a b' }
    expect((await post(fixture, SINGLE, body, { token: free.secret })).status).toBe(422)
  })
})

describe('POST /public/v1/key/multiple-activate', () => {
  it('makes keys that end at endDate and admit activateCount hosts', async () => {
    const answer = await multiple({ quantity: 2, activateCount: 2, endDate: '2026-12-31T10:00:00+02:00' })
    expectAnswer(answer, 201, { message: 'Create key successfully', data: Array(2).fill(expect.any(String)) })
    const key: string = answer.body.data[1]
    expect(await storedLicense(fixture, key)).toMatchObject({
      maxActivations: 2,
      expiresAt: new Date('2026-12-31T08:00:00Z'),
      activationDuration: { amount: 30, unit: 'day' },
    })
    expect((await activateHost(fixture, key, 'one')).status).toBe(200)
    expect((await activateHost(fixture, key, 'two')).status).toBe(200)
    expect((await activateHost(fixture, key, 'three')).body.message).toBe('Activation limit reached')
  })

  it.each([
    ['activateCount', [0, 1, 10_000_000, '3', 2.5, null, undefined]],
    ['endDate', ['2026-06-15T12:00:00.000Z', '2026-06-15', '2020-01-01', '2027-02-31', '', 5, null, undefined]],
    ['quantity', [0, 1000]],
    ['duration', [0]],
  ])('refuses a malformed %s, naming it', async (field, values) => {
    for (const value of values) {
      expectAnswer(await multiple({ [field]: value }), 422, { message: expect.stringContaining(field) })
    }
  })

  it('takes an end a millisecond away, and the largest count', async () => {
    const answer = await multiple({ activateCount: 9_999_999, endDate: '2026-06-15T12:00:00.001Z' })
    expect(answer.status).toBe(201)
  })
})
