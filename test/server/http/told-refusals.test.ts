import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeKey, PLAIN_MOUNT, post } from './actions'
import { type Fixture, startFixture } from './harness'

const HOUR_MS = 3_600_000

let fixture: Fixture
beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterEach(() => fixture.close())

async function activate(licenseKey: string, hostId: string, path = '/key/activate'): Promise<number> {
  const { status } = await post(fixture, path, { productId: fixture.productId, licenseKey, hostId })
  return status
}

/** The refusals told of a license, oldest first. */
async function toldOf(licenseKey: string) {
  const { license } = await fixture.licensing.licenses.get(licenseKey)
  const { items } = await fixture.licensing.events.list({ licenseId: license.id }, { limit: 1_000 })
  return items.filter(({ type }) => type === 'license.refused').map(({ data }) => data)
}

const later = (ms: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + ms)
}

describe('a refusal leaves an event', () => {
  it('with the host and the reason, once an hour however often it is tried', async () => {
    const licenseKey = await makeKey(fixture, { maxActivations: 1 })
    expect(await activate(licenseKey, 'first')).toBe(200)
    for (let time = 0; time < 5; time++) expect(await activate(licenseKey, 'second')).toBe(403)
    const told = { productId: fixture.productId, hostId: 'second', code: 'ACTIVATION_LIMIT_REACHED' }
    expect(await toldOf(licenseKey)).toEqual([told])
    later(HOUR_MS)
    expect(await activate(licenseKey, 'second')).toBe(403)
    expect(await toldOf(licenseKey)).toEqual([told, told])
  })

  it.each([
    ['an expired license', { expiryDate: '2030-01-01T00:00:00Z' }, 'LICENSE_EXPIRED'],
    ['a host that is not on the list', { allowedHosts: ['known'] }, 'HOST_NOT_ALLOWED'],
  ])('for %s', async (_, terms, code) => {
    const licenseKey = await makeKey(fixture, terms)
    if (code === 'LICENSE_EXPIRED') fixture.clock.now = new Date('2030-01-02T00:00:00Z')
    expect(await activate(licenseKey, 'host')).not.toBe(200)
    expect(await toldOf(licenseKey)).toMatchObject([{ hostId: 'host', code }])
  })

  it('for a license that is blocked, and for one whose customer is', async () => {
    const { id } = await fixture.licensing.customers.create({ name: 'Ada' })
    const licenseKey = await makeKey(fixture, { customerId: id })
    await fixture.licensing.licenses.block(licenseKey)
    await activate(licenseKey, 'host')
    await fixture.licensing.licenses.unblock(licenseKey)
    await fixture.licensing.customers.update(id, { active: false })
    await activate(licenseKey, 'host')
    const codes = (await toldOf(licenseKey)).map(({ code }) => code)
    expect(codes).toEqual(['LICENSE_BLOCKED', 'CUSTOMER_INACTIVE'])
  })

  it('for the last seat', async () => {
    const { key } = await fixture.licensing.licenses.create({
      productId: fixture.productId,
      floating: { maxConcurrentSessions: 1 },
    })
    expect(await activate(key, 'first', '/key/checkout')).toBe(200)
    expect(await activate(key, 'second', '/key/checkout')).toBe(403)
    expect(await toldOf(key)).toMatchObject([{ hostId: 'second', code: 'ACTIVATION_LIMIT_REACHED' }])
  })

  it('twenty times a day at most: whoever makes hosts up does not fill the store', async () => {
    const licenseKey = await makeKey(fixture, { maxActivations: 1 })
    expect(await activate(licenseKey, 'first')).toBe(200)
    for (let host = 0; host < 30; host++) expect(await activate(licenseKey, `made-up-${host}`)).toBe(403)
    expect(await toldOf(licenseKey)).toHaveLength(20)
    later(24 * HOUR_MS)
    await activate(licenseKey, 'the-next-day')
    expect(await toldOf(licenseKey)).toHaveLength(21)
  })

  it('never for a key that does not exist', async () => {
    expect(await activate('AAAAA-AAAAA-AAAAA-AAAAA', 'host')).toBe(404)
    const { items } = await fixture.licensing.events.list({}, { limit: 100 })
    expect(items.map(({ type }) => type)).not.toContain('license.refused')
  })
})
