import { describe, expect, it } from 'vitest'
import { named } from './actions'
import { A, B, expectLimited, fixture, from, guess, newKey, start, statuses } from './limited-service'

describe.each([
  ['/key/devices', {}],
  ['/key/devices/free', { device: 'act_unknown' }],
])('POST %s', (path, fields) => {
  const ask = (address: string, licenseKey: string) =>
    from(address, 'POST', path, { token: fixture.publishable, body: named(fixture, licenseKey, fields) })

  it('counts against the limit per license key, from wherever', async () => {
    await start({ perLicenseKey: 2 })
    await fixture.licensing.products.update(fixture.productId, { selfService: true })
    const key = await newKey()
    for (const address of [A, B]) expect((await ask(address, key)).status).not.toBe(429)
    expectLimited(await ask(A, key))
    expect((await ask(A, await newKey())).status).not.toBe(429)
  })

  it('is stopped where an address guesses at license keys', async () => {
    await start({ wrongKeysPerAddress: 2 })
    expect(await statuses(3, (index) => ask(A, guess(index)))).toEqual([404, 404, 429])
    expect((await ask(B, guess(0))).status).toBe(404)
  })
})

describe('POST /key/trial', () => {
  it('counts against the limit per publishable token and address', async () => {
    await start({ perPublishableTokenAndAddress: 2 })
    await fixture.licensing.products.update(fixture.productId, { trialSeconds: 60 })
    const ask = (address: string, hostId: string) =>
      from(address, 'POST', '/key/trial', {
        token: fixture.publishable,
        body: { productId: fixture.productId, hostId },
      })
    expect(await statuses(2, (index) => ask(A, `host-${index}`))).toEqual([200, 200])
    expectLimited(await ask(A, 'host-3'))
    expect((await ask(B, 'host-3')).status).toBe(200)
  })
})
