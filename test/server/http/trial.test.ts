import { createHash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  addAccount,
  expectAnswer,
  expectMalformed,
  expectRefusal,
  named,
  PLAIN_MOUNT,
  post,
  UNKNOWN_ID,
} from './actions'
import { type Fixture, MOUNTS, START, startFixture, type WireRequest } from './harness'
import { createHostKey, type HostKey, sendAsApp } from './host-key'
import { verifyIndependently } from './independent-verifier'

const DAY = 86_400
const TRIAL_KEY = /^TRIAL(-[0-9A-HJKMNP-TV-Z]{5}){4}$/

let fixture: Fixture

const offer = (trialSeconds: number | null, more: object = {}) =>
  fixture.licensing.products.update(fixture.productId, { trialSeconds, ...more })
const start = (hostId: string, fields: object = {}, by?: HostKey, request: WireRequest = {}) =>
  sendAsApp(fixture, '/key/trial', { productId: fixture.productId, hostId, ...fields }, by, request)
const wait = (seconds: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + seconds * 1000)
}
const endAfter = (seconds: number) => new Date(START.getTime() + seconds * 1000).toISOString()
const claimsOf = (licenseToken: string) => verifyIndependently(licenseToken, fixture.licensing.jwks).claims
const licenses = async () => (await fixture.licensing.licenses.list({}, { limit: 100 })).items
const newHost = () => crypto.randomUUID()

describe.each(MOUNTS)('POST /key/trial, mounted $name', (mount) => {
  beforeAll(async () => {
    fixture = await startFixture(mount)
    await offer(14 * DAY)
  })
  afterAll(() => fixture.close())
  beforeEach(() => {
    fixture.clock.now = START
  })

  it('makes a license for this host alone, and activates it', async () => {
    const hostId = newHost()
    const answer = await start(hostId, { deviceTag: 'Desk', version: '2.0' })
    expectAnswer(answer, 200, {
      code: 0,
      message: 'License valid',
      metadata: { hostId, features: {}, trial: true },
      expirationDate: endAfter(14 * DAY),
      versionId: null,
      allowedHosts: null,
      hostId,
      licenseToken: expect.any(String),
      licenseKey: expect.stringMatching(TRIAL_KEY),
      trialEndsAt: endAfter(14 * DAY),
    })
    expect(claimsOf(answer.body.licenseToken)).toMatchObject({
      key: answer.body.licenseKey,
      machine: hostId,
      license: { expiresAt: endAfter(14 * DAY), metadata: { trial: true } },
    })
    const { license, activations } = await fixture.licensing.licenses.get(answer.body.licenseKey)
    expect(license).toMatchObject({ maxActivations: 1, allowedHosts: null, cleanable: false, activationCount: 1 })
    expect(activations).toMatchObject([{ hostId, deviceTag: 'Desk', appVersion: '2.0' }])
  })

  it('goes on with the same trial, to the same end, and then it is over for good', async () => {
    const hostId = newHost()
    const first = await start(hostId)
    wait(7 * DAY)
    const again = await start(hostId)
    expect(again.body).toMatchObject({ licenseKey: first.body.licenseKey, trialEndsAt: endAfter(14 * DAY) })
    wait(7 * DAY)
    expectRefusal(await start(hostId), 403, 2, 'License expired')
    await fixture.licensing.runHousekeeping()
    expectRefusal(await start(hostId), 403, 2, 'License expired')
  })

  it('gives the answer again to a request that is repeated', async () => {
    const once = { headers: { 'Idempotency-Key': newHost() } }
    const hostId = newHost()
    const first = await start(hostId, {}, undefined, once)
    wait(60)
    const again = await start(hostId, {}, undefined, once)
    expectAnswer(again, 200, first.body)
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    expect((await start(newHost(), {}, undefined, once)).status).toBe(422)
  })
})

describe('POST /key/trial', () => {
  beforeEach(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
    await offer(14 * DAY)
  })
  afterEach(() => fixture.close())

  it('makes one trial of many requests at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => start('host')))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    expect(await licenses()).toHaveLength(1)
    const { items } = await fixture.licensing.events.list({}, { limit: 100 })
    expect(items.filter(({ type }) => type.startsWith('license.')).map(({ type }) => type)).toEqual([
      'license.created',
      'license.activated',
    ])
    expect(items.find(({ type }) => type === 'license.created')?.data).toMatchObject({ trial: true })
  })

  it('tells the trials of hosts, of products and of accounts apart', async () => {
    const keys = [(await start('A')).body.licenseKey, (await start('B')).body.licenseKey]
    const other = await fixture.licensing.products.create({ name: 'Other', trialSeconds: DAY })
    const theirs = await addAccount(fixture)
    await theirs.api.products.update(theirs.productId, { trialSeconds: DAY })
    for (const [productId, token] of [
      [other.id, fixture.secret],
      [theirs.productId, theirs.secret],
    ] as const) {
      const answer = await post(fixture, '/key/trial', { productId, hostId: 'A' }, { token })
      expect(answer).toMatchObject({ status: 200, body: { trialEndsAt: endAfter(DAY) } })
      keys.push(answer.body.licenseKey)
    }
    expect(new Set(keys).size).toBe(4)
  })

  it('has 100 bits of SHA-256 of product and host for a key', async () => {
    const { licenseKey } = (await start('A')).body
    const digest = createHash('sha256').update(`keyslot trial\0${fixture.productId}\0A`).digest()
    const letters = [...digest.subarray(0, 20)].map((byte) => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[byte & 31]).join('')
    expect(licenseKey.replaceAll('-', '')).toBe(`TRIAL${letters}`)
  })

  it('goes on, for a host whose id has changed, with the trial of the first id that had one', async () => {
    const first = await start('before')
    wait(DAY)
    const moved = await start('after', { previousHostIds: ['unknown', 'before'] })
    expect(moved.body).toMatchObject({
      hostId: 'after',
      licenseKey: first.body.licenseKey,
      trialEndsAt: first.body.trialEndsAt,
    })
    expectRefusal(await start('before'), 403, 2, 'Activation limit reached')
    wait(13 * DAY)
    expectRefusal(await start('third', { previousHostIds: ['after', 'before'] }), 403, 2, 'License expired')
    expect(await licenses()).toHaveLength(1)
    expect((await start('fresh', { previousHostIds: ['unknown'] })).status).toBe(200)
  })

  it('is bound to the key the host shows, and serves nobody without it', async () => {
    const key = createHostKey()
    const first = await start('host', {}, key)
    expect(claimsOf(first.body.licenseToken).cnf).toEqual({ jkt: key.thumbprint })
    expectRefusal(await start('host'), 403, 2, 'Proof of possession required')
    expectRefusal(await start('thief', { previousHostIds: ['host'] }), 403, 2, 'Activation limit reached')
    expect((await start('moved', { previousHostIds: ['host'] }, key)).status).toBe(200)
  })

  it('starts no trial for an app that shows no key where the product asks for one', async () => {
    await offer(DAY, { requireProof: true })
    expectRefusal(await start('host'), 403, 2, 'Proof of possession required')
    expect(await licenses()).toEqual([])
    expect((await start('host', {}, createHostKey())).status).toBe(200)
  })

  it('is not offered by a product that says nothing of it, or no longer', async () => {
    await start('host')
    await offer(null)
    for (const hostId of ['host', 'another']) expectRefusal(await start(hostId), 403, 2, 'No trial offered')
    expect(await licenses()).toHaveLength(1)
  })

  it('is a license like others: it can be validated, deactivated, blocked and deleted', async () => {
    const { licenseKey } = (await start('host')).body
    const body = named(fixture, licenseKey, { hostId: 'host' })
    expect((await sendAsApp(fixture, '/key/validate', body)).body.valid).toBe(true)
    expect((await sendAsApp(fixture, '/key/deactivate', body)).status).toBe(200)
    expect((await start('host')).status).toBe(200)
    await fixture.licensing.licenses.block(licenseKey)
    expectRefusal(await start('host'), 403, 2, 'License not activated')
    await fixture.licensing.licenses.delete(licenseKey)
    expect((await start('host')).status).toBe(200)
  })

  it('knows no product that is unknown or inactive', async () => {
    const unknown = { token: fixture.secret }
    const body = { productId: UNKNOWN_ID, hostId: 'host' }
    expectRefusal(await post(fixture, '/key/trial', body, unknown), 404, 1, 'Invalid license key')
    await start('known')
    await fixture.licensing.products.update(fixture.productId, { active: false })
    for (const hostId of ['known', 'host']) expectRefusal(await start(hostId), 404, 1, 'Invalid license key')
    expect(await licenses()).toHaveLength(1)
  })

  it('needs a host, and fields as activating has them', async () => {
    const { productId } = fixture
    const missing = await sendAsApp(fixture, '/key/trial', { productId })
    expectRefusal(missing, 400, 1, 'Missing required params')
    expectMalformed(await start(''), 'hostId')
    expectMalformed(await start('host', { previousHostIds: 'before' }), 'previousHostIds')
    expectMalformed(await start('host', { deviceTag: '' }), 'deviceTag')
    expect(await licenses()).toEqual([])
  })

  it('is at least a minute long', async () => {
    for (const trialSeconds of [59, 0, -1, 60.5]) {
      await expect(offer(trialSeconds)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    }
    expect((await offer(60)).trialSeconds).toBe(60)
  })
})
