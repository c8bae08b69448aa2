import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
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
  UNKNOWN_KEY,
} from './actions'
import { type Fixture, START, startFixture } from './harness'

describe('POST /key/validate', () => {
  let fixture: Fixture

  beforeAll(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
  })
  afterAll(() => fixture.close())
  afterEach(() => {
    fixture.clock.now = START
  })

  const validate = (licenseKey: string, hostId: unknown = 'host') =>
    post(fixture, '/key/validate', named(fixture, licenseKey, { hostId }))
  const expectInvalid = async (licenseKey: string, reason: string) =>
    expectAnswer(await validate(licenseKey), 200, { code: 0, valid: false, reason })

  it('gives an active host a fresh license token and never takes a slot', async () => {
    const key = await makeKey(fixture)
    await expectInvalid(key, 'not-activated')
    expect((await storedLicense(fixture, key)).activationCount).toBe(0)
    await activateHost(fixture, key, 'host')
    expectAnswer(await validate(key), 200, { code: 0, valid: true, licenseToken: expect.stringMatching(/^ey/) })
    expect((await storedLicense(fixture, key)).activationCount).toBe(1)
  })

  it('compares hostIds exactly', async () => {
    const key = await makeKey(fixture)
    await activateHost(fixture, key, 'Host A')
    expect((await validate(key, 'Host A')).body.valid).toBe(true)
    for (const other of ['host a', 'HOST A', 'Host A ', ' Host A']) {
      expectAnswer(await validate(key, other), 200, { code: 0, valid: false, reason: 'not-activated' })
    }
  })

  it('marks the host as seen, at most every five minutes', async () => {
    const key = await makeKey(fixture)
    await activateHost(fixture, key, 'host')
    const { now } = fixture.clock
    const lastSeen = async () => (await fixture.licensing.licenses.get(key)).activations[0]?.lastSeenAt
    fixture.clock.now = new Date(now.getTime() + 299_999)
    await validate(key)
    expect(await lastSeen()).toEqual(now)
    fixture.clock.now = new Date(now.getTime() + 300_000)
    await validate(key)
    expect(await lastSeen()).toEqual(fixture.clock.now)
  })

  it('says why a license does not serve', async () => {
    const key = await makeKey(fixture, { newCustomer: { name: 'Ada' } })
    const { licenses, customers } = fixture.licensing
    await activateHost(fixture, key, 'host')
    const customerId = (await storedLicense(fixture, key)).customerId ?? ''

    await licenses.update(key, { allowedHosts: ['other'] })
    await expectInvalid(key, 'wrong-host')
    await customers.update(customerId, { active: false })
    await expectInvalid(key, 'revoked')
    await customers.update(customerId, { active: true })
    await licenses.update(key, { expiresAt: fixture.clock.now })
    await expectInvalid(key, 'expired')
    await licenses.block(key)
    await expectInvalid(key, 'revoked')
  })

  it('tells a license for another product from none', async () => {
    const other = await fixture.licensing.products.create({ name: 'Other' })
    const { key } = await fixture.licensing.licenses.create({ productId: other.id })
    await expectInvalid(key, 'wrong-product')
    const rival = await addAccount(fixture)
    const foreign = await rival.api.licenses.create({ productId: rival.productId })
    for (const missing of [UNKNOWN_KEY, foreign.key]) {
      expectRefusal(await validate(missing), 404, 1, 'Invalid license key')
    }
    const body = { productId: UNKNOWN_ID, licenseKey: key, hostId: 'host' }
    expectRefusal(await post(fixture, '/key/validate', body), 404, 1, 'Invalid license key')
  })

  it('requires a hostId', async () => {
    const key = await makeKey(fixture)
    const missing = 'Missing required params'
    expectRefusal(await post(fixture, '/key/validate', named(fixture, key)), 400, 1, missing)
    expectRefusal(await validate(key, null), 400, 1, missing)
    expectMalformed(await validate(key, ''), 'hostId')
    expectMalformed(await validate(key, 7), 'hostId')
  })
})
