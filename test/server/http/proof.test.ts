import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { activateHost, ask, expectAnswer, expectRefusal, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { countedStorage } from './counted-storage'
import { type Fixture, startFixture, type WireRequest } from './harness'
import { createHostKey, type HostKey, sendAsApp } from './host-key'
import { verifyIndependently } from './independent-verifier'
import { isRevoked as isListed } from './revoked'

let fixture: Fixture
let key: HostKey
let licenseKey: string

async function start(options: Parameters<typeof startFixture>[1] = {}): Promise<void> {
  await fixture?.close()
  fixture = await startFixture(PLAIN_MOUNT, options)
  key = createHostKey()
  licenseKey = await makeKey(fixture, { expiryDate: null })
}
beforeEach(() => start())
afterEach(() => fixture.close())

const asApp = (path: string, by?: HostKey, fields: object = {}, request: WireRequest = {}) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { hostId: 'host', ...fields }), by, request)
const claimsOf = (licenseToken: string) => verifyIndependently(licenseToken, fixture.licensing.jwks).claims
const activations = async () => (await fixture.licensing.licenses.get(licenseKey)).activations
const events = async () => {
  const { license } = await fixture.licensing.licenses.get(licenseKey)
  const { items } = await fixture.licensing.events.list({ licenseId: license.id }, { limit: 100 })
  return items.map(({ type, data }) => ({ type, data }))
}
const isRevoked = (licenseToken: string) => isListed(fixture, licenseToken)
const proofRequired = [403, 2, 'Proof of possession required'] as const

const ACTIVATE = [
  ['/key/activate', 'licenseToken'],
  ['/activate-key', 'license_token'],
] as const
const DEACTIVATE = ['/key/deactivate', '/deactivate-key']

describe.each(ACTIVATE)('a host that shows a key to POST %s', (path, field) => {
  it('is bound to it, and its license token says so', async () => {
    const answer = await asApp(path, key)
    expect(answer.status).toBe(200)
    expect(claimsOf(answer.body[field])).toMatchObject({ machine: 'host', cnf: { jkt: key.thumbprint } })
    expect(await activations()).toMatchObject([{ hostId: 'host', keys: [{ thumbprint: key.thumbprint }] }])
    const validation = await asApp('/key/validate', key)
    expect(claimsOf(validation.body.licenseToken).cnf).toEqual({ jkt: key.thumbprint })
  })

  it('is active ever after, with the same token id, for as long as it shows the same key', async () => {
    const first = await asApp(path, key)
    const again = await asApp(path, key)
    expect(claimsOf(again.body[field]).jti).toBe(claimsOf(first.body[field]).jti)
    expect((await events()).map(({ type }) => type)).toEqual(['license.created', 'license.activated'])
  })

  it('is lost to whoever knows key, hostId and publishable token, but not the private key', async () => {
    const held = await asApp(path, key)
    const stranger = createHostKey()
    for (const by of [undefined, stranger]) {
      expectRefusal(await asApp('/key/validate', by), ...proofRequired)
      for (const freeing of DEACTIVATE) expectRefusal(await asApp(freeing, by), ...proofRequired)
    }
    for (const [activating] of ACTIVATE) expectRefusal(await asApp(activating), ...proofRequired)
    const elsewhere = { hostId: 'thief', previousHostIds: ['host'] }
    expect((await asApp(path, stranger, elsewhere)).status).toBe(200)
    expect((await activations()).map(({ hostId }) => hostId).toSorted()).toEqual(['host', 'thief'])
    expect(await isRevoked(held.body[field])).toBe(false)
    expect((await asApp('/key/validate', key)).body.valid).toBe(true)
    expect((await asApp('/key/deactivate', key)).status).toBe(200)
  })

  it('has another user who shows a key of their own, beside the first, who loses nothing by it', async () => {
    const held = await asApp(path, key)
    const second = createHostKey()
    const answer = await asApp(path, second)
    expect(claimsOf(answer.body[field])).toMatchObject({ cnf: { jkt: second.thumbprint } })
    expect(claimsOf(answer.body[field]).jti).toBe(claimsOf(held.body[field]).jti)
    expect((await events()).at(-1)).toEqual({
      type: 'license.rebound',
      data: { productId: fixture.productId, hostId: 'host', users: 2, usersLeft: 3 },
    })
    for (const by of [key, second]) {
      const validation = await asApp('/key/validate', by)
      expect(claimsOf(validation.body.licenseToken).cnf).toEqual({ jkt: by.thumbprint })
    }
    for (const { body } of [held, answer]) expect(await isRevoked(body[field])).toBe(false)
    expect(await activations()).toMatchObject([
      { keys: [{ thumbprint: key.thumbprint }, { thumbprint: second.thumbprint }] },
    ])
  })

  it('moves its slot with the key to a new id, and only so', async () => {
    await asApp(path, key)
    expect((await asApp(path, undefined, { hostId: 'after', previousHostIds: ['host'] })).status).toBe(200)
    expect((await activations()).map(({ hostId }) => hostId).toSorted()).toEqual(['after', 'host'])
    await post(fixture, '/key/deactivate', named(fixture, licenseKey, { hostId: 'after' }))
    expect((await asApp(path, key, { hostId: 'after', previousHostIds: ['host'] })).status).toBe(200)
    expect(await activations()).toMatchObject([{ hostId: 'after', keys: [{ thumbprint: key.thumbprint }] }])
  })
})

describe('an answer given once', () => {
  const once = { headers: { 'Idempotency-Key': 'the install of host' } }

  it('is given again to the same key, and to no other', async () => {
    const first = await asApp('/key/activate', key, {}, once)
    const again = await asApp('/key/activate', key, {}, once)
    expectAnswer(again, 200, first.body)
    expect(again.headers.get('Idempotent-Replayed')).toBe('true')
    for (const by of [undefined, createHostKey()]) {
      expect((await asApp('/key/activate', by, {}, once)).status).toBe(422)
    }
  })
})

describe('the vendor, with a secret token', () => {
  const asVendor = (path: string) => post(fixture, path, named(fixture, licenseKey, { hostId: 'host' }))

  it('acts for a host that is bound to a key, without showing one', async () => {
    await asApp('/key/activate', key)
    expect(claimsOf((await asVendor('/key/activate')).body.licenseToken).cnf).toEqual({ jkt: key.thumbprint })
    expect((await asVendor('/key/validate')).body.valid).toBe(true)
    for (const path of DEACTIVATE) {
      expect((await asVendor(path)).status).toBe(200)
      await asApp('/key/activate', key)
    }
    expect((await fixture.licensing.licenses.reset(licenseKey)).activationCount).toBe(0)
  })

  it('signs license files that name no key', async () => {
    await asApp('/key/activate', key)
    const body = named(fixture, licenseKey, { hostId: 'host', ttl: 86_400 })
    const answer = await post(fixture, '/key/sign', body)
    expect(answer.status).toBe(200)
    expect(claimsOf(answer.body.file.licenseToken)).not.toHaveProperty('cnf')
    expect((await activations())[0]?.keys).toMatchObject([{ thumbprint: key.thumbprint }])
  })
})

describe('a product that asks every app for a key', () => {
  beforeEach(() => fixture.licensing.products.update(fixture.productId, { requireProof: true }))

  it('refuses apps that show none, and takes those that do', async () => {
    for (const [path] of ACTIVATE) expectRefusal(await asApp(path), ...proofRequired)
    expectRefusal(await asApp('/key/validate'), ...proofRequired)
    expect((await asApp('/key/activate', key)).status).toBe(200)
    expect((await asApp('/key/validate', key)).body.valid).toBe(true)
  })

  it('asks for one where devices are listed and freed, and seats checked out', async () => {
    await fixture.licensing.products.update(fixture.productId, { selfService: true })
    await asApp('/key/activate', key)
    expectRefusal(await asApp('/key/devices'), ...proofRequired)
    const { devices } = (await asApp('/key/devices', key)).body
    const freed = { hostId: undefined, device: devices[0].device }
    expectRefusal(await asApp('/key/devices/free', undefined, freed), ...proofRequired)
    expect((await asApp('/key/devices/free', key, freed)).status).toBe(200)
    licenseKey = await makeKey(fixture, { licenseType: 'floating', maxConcurrentSessions: 1 })
    expectRefusal(await asApp('/key/checkout'), ...proofRequired)
    expect((await asApp('/key/checkout', key)).status).toBe(200)
  })

  it('lets a host that was bound to none give its slot up', async () => {
    await activateHost(fixture, licenseKey, 'host')
    expectRefusal(await asApp('/key/validate'), ...proofRequired)
    expect((await asApp('/key/deactivate')).status).toBe(200)
  })

  it('asks nothing of the vendor', async () => {
    expect((await activateHost(fixture, licenseKey, 'host')).status).toBe(200)
  })

  it('says first what the license itself forbids', async () => {
    await fixture.licensing.licenses.block(licenseKey)
    expectRefusal(await asApp('/key/activate'), 403, 2, 'License not activated')
    expect((await asApp('/key/validate')).body).toEqual({ code: 0, valid: false, reason: 'revoked' })
  })
})

describe('a plain KeyMint client', () => {
  /** The first token of some minutes costs more than the others. */
  const reserveStamps = async () => activateHost(fixture, await makeKey(fixture), 'another host')

  it('is answered as ever, with license tokens that name no key', async () => {
    const answer = await asApp('/key/activate')
    expect(Object.keys(claimsOf(answer.body.licenseToken))).toEqual([
      ...[
        'iss',
        'aud',
        'productId',
        'sub',
        'key',
        'machine',
        'type',
        'jti',
        'lid',
        'stamp',
        'ans',
        'iat',
        'nbf',
        'exp',
        'license',
      ],
    ])
    expect((await asApp('/key/validate')).body.valid).toBe(true)
    for (const path of ['/key/activate', '/key/validate']) {
      const { headers } = await asApp(path)
      expect([headers.get('DPoP-Nonce'), headers.get('WWW-Authenticate')]).toEqual([null, null])
    }
    expectAnswer(await asApp('/key/deactivate'), 200, { message: 'Device deactivated', code: 0, devicesRemoved: 1 })
  })

  it('costs the storage calls it always did', async () => {
    const { storage, calls } = countedStorage()
    await start({ storage, webhooks: { deliver: false } })
    const body = named(fixture, licenseKey, { hostId: 'host', previousHostIds: ['before'] })
    await reserveStamps()
    for (const token of [fixture.publishable, fixture.secret]) {
      const costOf = async (path: string, fields: object = {}) => {
        await ask(fixture, 'POST', path, { ...body, ...fields }, { token })
        return calls().map(({ call }) => call)
      }
      await ask(fixture, 'POST', '/key/validate', body, { token })
      calls()
      expect(await costOf('/key/activate')).toEqual(['read', 'write'])
      expect(await costOf('/key/activate')).toEqual(['read'])
      expect(await costOf('/activate-key', { previousHostIds: undefined })).toEqual(['read'])
      expect(await costOf('/key/validate')).toEqual(['read'])
      // The vendor's goes on the revocation list, which costs no look of its own.
      expect(await costOf('/key/deactivate')).toEqual(['read', 'write'])
      // Whether a host that has no slot lost it on purpose is asked only there.
      expect(await costOf('/key/validate')).toEqual(['read', 'read', 'read'])
    }
  })

  it('costs no look more where it shows a key', async () => {
    const { storage, calls } = countedStorage()
    await start({ storage, webhooks: { deliver: false } })
    const costOf = async (path: string) => {
      await asApp(path, key)
      return calls().map(({ call }) => call)
    }
    await reserveStamps()
    await costOf('/key/validate')
    expect(await costOf('/key/activate')).toEqual(['read', 'write'])
    expect(await costOf('/key/activate')).toEqual(['read'])
    expect(await costOf('/key/validate')).toEqual(['read'])
    expect(await costOf('/key/deactivate')).toEqual(['read', 'write'])
  })
})
