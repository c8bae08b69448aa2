import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  activateHost,
  ask,
  expectAnswer,
  expectMalformed,
  expectRefusal,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  storedLicense,
} from './actions'
import { type Fixture, startFixture, type WireRequest } from './harness'
import { verifyIndependently } from './independent-verifier'
import { isRevoked } from './revoked'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
})
afterAll(() => fixture.close())

const claimsOf = (licenseToken: string) => verifyIndependently(licenseToken, fixture.licensing.jwks).claims

async function hostsOf(key: string): Promise<readonly string[]> {
  const { activations } = await fixture.licensing.licenses.get(key)
  return activations.map(({ hostId }) => hostId).toSorted()
}

describe.each([
  ['/key/activate', 'licenseToken'],
  ['/activate-key', 'license_token'],
])('previousHostIds on POST %s', (path, tokenField) => {
  const move = (key: string, previousHostIds: unknown, fields: object = {}, request: WireRequest = {}) =>
    post(fixture, path, named(fixture, key, { hostId: 'after', previousHostIds, ...fields }), request)

  it('moves the slot of a host whose id changed, at the limit too', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    expect((await activateHost(fixture, key, 'before')).status).toBe(200)
    expectRefusal(await activateHost(fixture, key, 'after'), 403, 2, 'Activation limit reached')

    const answer = await move(key, ['unknown', 'before'])
    expect(answer).toMatchObject({ status: 200, body: { code: 0, message: 'License valid' } })
    expect(claimsOf(answer.body[tokenField]).machine).toBe('after')
    expect(await hostsOf(key)).toEqual(['after'])
    expect((await storedLicense(fixture, key)).activationCount).toBe(1)
    expectRefusal(await activateHost(fixture, key, 'before'), 403, 2, 'Activation limit reached')
  })

  it('ends the tokens of the id before, and no others', async () => {
    const key = await makeKey(fixture)
    const before = await activateHost(fixture, key, 'before')
    const other = await activateHost(fixture, key, 'other')
    const after = await move(key, ['before'])
    expect(await isRevoked(fixture, before.body.licenseToken)).toBe(true)
    for (const { body } of [other, after]) {
      expect(await isRevoked(fixture, body.licenseToken ?? body[tokenField])).toBe(false)
    }
    const validate = (hostId: string) => post(fixture, '/key/validate', named(fixture, key, { hostId }))
    expectAnswer(await validate('before'), 200, { code: 0, valid: false, reason: 'activation-revoked' })
    expect((await validate('after')).body.valid).toBe(true)
  })

  it('leaves an event that names the ids', async () => {
    const key = await makeKey(fixture)
    await activateHost(fixture, key, 'before')
    await move(key, ['before', 'older'])
    const { id } = await storedLicense(fixture, key)
    const { items } = await fixture.licensing.events.list({ licenseId: id }, { limit: 10 })
    expect(items.map(({ type }) => type)).toEqual(['license.created', 'license.activated', 'license.moved'])
    expect(items.at(-1)).toMatchObject({
      actor: { address: '127.0.0.1' },
      data: { productId: fixture.productId, hostId: 'after', previousHostIds: ['before', 'older'] },
    })
  })

  it('is of no account where the host has a slot, or nobody does', async () => {
    const key = await makeKey(fixture, { maxActivations: 2 })
    expect((await move(key, ['before'])).status).toBe(200)
    await activateHost(fixture, key, 'before')
    expect((await move(key, ['before'])).status).toBe(200)
    expect(await hostsOf(key)).toEqual(['after', 'before'])
    const { id } = await storedLicense(fixture, key)
    const { items } = await fixture.licensing.events.list({ licenseId: id }, { limit: 10 })
    expect(items.map(({ type }) => type)).toEqual(['license.created', 'license.activated', 'license.activated'])
  })

  it('asks whether the new host is allowed', async () => {
    const key = await makeKey(fixture, { allowedHosts: ['before'] })
    await activateHost(fixture, key, 'before')
    expectRefusal(await move(key, ['before']), 403, 2, 'Host not allowed')
    expect(await hostsOf(key)).toEqual(['before'])
  })

  it('takes nothing from another license of the same customer', async () => {
    const [key, other] = [await makeKey(fixture), await makeKey(fixture)]
    await activateHost(fixture, other, 'before')
    expect((await move(key, ['before'])).status).toBe(200)
    expect([await hostsOf(key), await hostsOf(other)]).toEqual([['after'], ['before']])
  })

  it('answers a repeated request as it did the first time', async () => {
    const key = await makeKey(fixture)
    await activateHost(fixture, key, 'before')
    const once = { headers: { 'Idempotency-Key': crypto.randomUUID() } }
    const first = await move(key, ['before'], {}, once)
    const again = await move(key, ['before'], {}, once)
    expectAnswer(again, 200, first.body)
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    expect((await move(key, [], {}, once)).status).toBe(422)
  })

  it('may be null, empty, or eight ids long', async () => {
    const key = await makeKey(fixture)
    for (const previousHostIds of [null, [], Array.from({ length: 8 }, (_, index) => `before-${index}`)]) {
      expect((await move(key, previousHostIds)).status).toBe(200)
    }
  })

  it.each([
    ['more than eight', Array.from({ length: 9 }, (_, index) => `before-${index}`)],
    ['no list', 'before'],
    ['an empty id', ['']],
    ['an id that is too long', ['x'.repeat(65)]],
    ['an id outside ASCII', ['hôte']],
    ['no text', [1]],
    ['null in the list', [null]],
  ])('is malformed as %s', async (_, previousHostIds) => {
    const key = await makeKey(fixture)
    await activateHost(fixture, key, 'before-0')
    expectMalformed(await move(key, previousHostIds), 'previousHostIds')
    expect(await hostsOf(key)).toEqual(['before-0'])
  })
})

describe('previousHostIds', () => {
  it('may be named with a publishable token: it could deactivate that host too', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    await activateHost(fixture, key, 'before')
    const body = named(fixture, key, { hostId: 'after', previousHostIds: ['before'] })
    expect((await post(fixture, '/key/activate', body, { token: fixture.publishable })).status).toBe(200)
    expect(await hostsOf(key)).toEqual(['after'])
  })

  it('moves the slot to the id the server makes, where the app names none', async () => {
    const key = await makeKey(fixture)
    await activateHost(fixture, key, 'before')
    const answer = await post(fixture, '/key/activate', named(fixture, key, { previousHostIds: ['before'] }))
    expect(await hostsOf(key)).toEqual([answer.body.hostId])
  })

  it('keeps what the app said of the device, unless it says something else', async () => {
    const key = await makeKey(fixture)
    await post(fixture, '/key/activate', named(fixture, key, { hostId: 'before', deviceTag: 'Studio', version: '1.0' }))
    const body = named(fixture, key, { hostId: 'after', previousHostIds: ['before'], version: '2.0' })
    await post(fixture, '/key/activate', body)
    const { activations } = await fixture.licensing.licenses.get(key)
    expect(activations).toMatchObject([{ hostId: 'after', deviceTag: 'Studio', appVersion: '2.0' }])
  })

  it('keeps the time a device has left', async () => {
    const create = { quantity: 1, packageIds: [fixture.packageId], duration: 1, unit: 'hour' }
    const limits = { activateCount: 2, endDate: '2027-01-01' }
    const made = await ask(fixture, 'POST', '/public/v1/key/multiple-activate', { ...create, ...limits })
    const [key] = made.body.data
    await activateHost(fixture, key, 'before')
    const { now } = fixture.clock
    fixture.clock.now = new Date(now.getTime() + 3_600_000)
    const body = named(fixture, key, { hostId: 'after', previousHostIds: ['before'] })
    expectRefusal(await post(fixture, '/key/activate', body), 403, 2, 'License expired')
    fixture.clock.now = now
    expect(await hostsOf(key)).toEqual(['before'])
  })
})
