import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal, makeKey, named, PLAIN_MOUNT, post } from './actions'
import { type Fixture, send, startFixture } from './harness'
import { createHostKey, createProof, type HostKey, sendAsApp } from './host-key'
import { verifyIndependently } from './independent-verifier'
import { isRevoked } from './revoked'

let fixture: Fixture
let owner: HostKey
let licenseKey: string
const DAY = 86_400_000

async function start(options: Parameters<typeof startFixture>[1] = {}): Promise<void> {
  await fixture?.close()
  fixture = await startFixture(PLAIN_MOUNT, options)
  owner = createHostKey()
  licenseKey = await makeKey(fixture, { expiryDate: null, maxActivations: 1 })
}
beforeEach(() => start())
afterEach(() => fixture.close())

const asApp = (path: string, by?: HostKey, fields: object = {}) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { hostId: 'host', ...fields }), by)
const activate = (by?: HostKey, fields: object = {}) => asApp('/key/activate', by, fields)
const deactivate = (by?: HostKey, fields: object = {}) => asApp('/key/deactivate', by, fields)
const isValid = async (by?: HostKey) => (await asApp('/key/validate', by)).body.valid
const hosts = async () => (await fixture.licensing.licenses.get(licenseKey)).activations
const pendingUntil = async () => (await hosts())[0]?.releaseAt ?? new Date(Number.NaN)
const pass = (days: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + days * DAY)
}
const usersExceeded = [403, 2, 'Too many users of this host'] as const
const claimsOf = (licenseToken: string) => verifyIndependently(licenseToken, fixture.licensing.jwks).claims

describe('a thief who knows license key and hostId', () => {
  it('frees no slot and takes none in 90 days, while the owner renews now and then', async () => {
    const held = await activate(owner)
    const thieves = Array.from({ length: 4 }, createHostKey)
    for (let day = 0; day < 90; day += 3) {
      for (const thief of thieves) {
        await activate(thief)
        await deactivate(thief)
        await deactivate(thief, { forAll: true })
        const taken = await activate(thief, { hostId: 'elsewhere', previousHostIds: ['host'] })
        expectRefusal(taken, 403, 2, 'Activation limit reached')
      }
      expect((await hosts()).map(({ hostId }) => hostId)).toEqual(['host'])
      expect(await isValid(owner)).toBe(true)
      pass(3)
    }
    expect(await isRevoked(fixture, held.body.licenseToken)).toBe(false)
  })

  it('uses up nothing that the owner needs', async () => {
    await activate(owner)
    for (let count = 0; count < 50; count += 1) await activate(createHostKey())
    expect((await activate(owner)).status).toBe(200)
    expect(await isValid(owner)).toBe(true)
    expect((await deactivate(owner, { forAll: true })).body).toEqual({ message: 'Device deactivated', code: 0 })
    expect(await hosts()).toEqual([])
    expect((await activate(owner, { hostId: 'new computer' })).status).toBe(200)
  })
})

describe('a thief who has bound a key beside the owner’s', () => {
  const elsewhere = (by: HostKey) => activate(by, { hostId: 'elsewhere', previousHostIds: ['host'] })

  it('does not inherit the slot that the owner gives up, who comes back as who they were', async () => {
    await activate(owner)
    const thief = createHostKey()
    await activate(thief)
    expect((await deactivate(owner)).body.status).toBe('kept-by-others')
    expectRefusal(await elsewhere(thief), 403, 2, 'Activation limit reached')
    expect((await activate(owner)).status).toBe(200)
    expect((await deactivate(owner, { forAll: true })).body).toEqual({ message: 'Device deactivated', code: 0 })
    expect(await hosts()).toEqual([])
  })

  it('outlasts no license file: it is the oldest user’s', async () => {
    await activate(owner)
    const thief = createHostKey()
    await activate(thief)
    await fixture.licensing.licenses.sign(licenseKey, {
      productId: fixture.productId,
      hostId: 'host',
      ttlSeconds: 365 * 86_400,
    })
    pass(60)
    await activate(thief)
    expectRefusal(await elsewhere(thief), 403, 2, 'Activation limit reached')
    expect((await activate(owner)).status).toBe(200)
  })

  it.each(['block', 'lapse', 'disable the customer'] as const)(
    'gets nothing while the owner cannot call, where the vendor has to %s for two months',
    async (how) => {
      const { licenses, customers } = fixture.licensing
      const { id } = await customers.create({ name: 'Ada', email: 'ada@example.com' })
      await licenses.update(licenseKey, { customerId: id })
      const serve = async (serves: boolean) => {
        if (how === 'block') return await (serves ? licenses.unblock(licenseKey) : licenses.block(licenseKey))
        if (how === 'disable the customer') return await customers.update(id, { active: serves })
        return await licenses.update(licenseKey, { expiresAt: serves ? null : fixture.clock.now })
      }
      await activate(owner)
      const [leaving, moving] = [createHostKey(), createHostKey()]
      await activate(moving)
      await activate(leaving)
      expect((await deactivate(leaving)).body.status).toBe('release-pending')
      await serve(false)
      pass(60)
      await serve(true)
      expectRefusal(await elsewhere(moving), 403, 2, 'Activation limit reached')
      expectRefusal(await activate(createHostKey(), { hostId: 'third' }), 403, 2, 'Activation limit reached')
      pass(13)
      expectRefusal(await activate(createHostKey(), { hostId: 'third' }), 403, 2, 'Activation limit reached')
      expect(await isValid(owner)).toBe(true)
    },
  )

  it('is given no license token of the vendor’s, where the host shows none', async () => {
    await fixture.licensing.licenses.sign(licenseKey, {
      productId: fixture.productId,
      hostId: 'host',
      ttlSeconds: 30 * 86_400,
    })
    await activate(createHostKey())
    const answer = await post(fixture, '/key/activate', named(fixture, licenseKey, { hostId: 'host' }))
    expect(claimsOf(answer.body.licenseToken)).not.toHaveProperty('cnf')
    pass(25)
    await fixture.licensing.licenses.sign(licenseKey, {
      productId: fixture.productId,
      hostId: 'host',
      ttlSeconds: 30 * 86_400,
    })
    pass(20)
    expect(await isValid()).toBe(true)
  })
})

describe('the users of one computer', () => {
  it('are five, or as many as usersPerHost says, and none is revoked by another’s coming', async () => {
    await start({ usersPerHost: 20 })
    const users = Array.from({ length: 20 }, createHostKey)
    const tokens = []
    for (const user of users) tokens.push((await activate(user)).body.licenseToken)
    for (const user of users) expect(await isValid(user)).toBe(true)
    for (const token of tokens) expect(await isRevoked(fixture, token)).toBe(false)
    expect(await hosts()).toHaveLength(1)
  })

  it('are one too many for seven days, with a token that ends then, and no more after it', async () => {
    await start({ usersPerHost: 2 })
    const [second, third, fourth] = [createHostKey(), createHostKey(), createHostKey()]
    for (const user of [owner, second]) expect((await activate(user)).status).toBe(200)
    pass(20)
    for (const user of [owner, second]) expect((await activate(user)).status).toBe(200)
    const answer = await activate(third)
    const { exp } = claimsOf(answer.body.licenseToken)
    expect(exp).toBe(Math.floor(fixture.clock.now.getTime() / 1000) + 7 * 86_400)
    expectRefusal(await activate(fourth), ...usersExceeded)
    pass(7)
    expectRefusal(await activate(third), ...usersExceeded)
    expectRefusal(await asApp('/key/validate', third), ...usersExceeded)
    for (const user of [owner, second]) expect(await isValid(user)).toBe(true)
  })

  it('are as many as the license says, else its product, else the server', async () => {
    await start({ usersPerHost: 1 })
    const { licensing, productId } = fixture
    /** Binds keys until the host takes no more. */
    const fill = async (most: number) => {
      let answer = await activate(createHostKey())
      while (answer.status === 200) answer = await activate(createHostKey())
      expectRefusal(answer, ...usersExceeded)
      expect((await hosts())[0]?.keys).toHaveLength(most)
    }
    // With the one too many, who counts while its seven days last.
    await fill(2)
    await licensing.products.update(productId, { usersPerHost: 3 })
    await fill(3)
    const patch = { productId, licenseKey, usersPerHost: 6 }
    const { status } = await send(fixture.url, 'PATCH', '/key', { token: fixture.secret, body: patch })
    expect(status).toBe(200)
    expect((await licensing.licenses.get(licenseKey)).license.usersPerHost).toBe(6)
    await fill(6)
    for (const usersPerHost of [0, 33, 1.5, '']) {
      const refused = await send(fixture.url, 'PATCH', '/key', {
        token: fixture.secret,
        body: { ...patch, usersPerHost },
      })
      expect(refused.status).toBe(400)
    }
  })

  it('make room where one has not come for long', async () => {
    await start({ usersPerHost: 1 })
    await activate(owner)
    pass(60)
    const reinstalled = createHostKey()
    expect((await activate(reinstalled)).status).toBe(200)
    pass(8)
    expect(await isValid(reinstalled)).toBe(true)
    expect(await isValid(owner)).toBe(true)
  })

  it('are not counted for the vendor', async () => {
    await start({ usersPerHost: 1 })
    await activate(owner)
    const { url, secret, clock } = fixture
    for (let count = 0; count < 3; count += 1) {
      const proof = createProof(createHostKey(), { url: `${url}/key/activate`, accessToken: secret, now: clock.now })
      const body = named(fixture, licenseKey, { hostId: 'host' })
      expect((await post(fixture, '/key/activate', body, { headers: { DPoP: proof } })).status).toBe(200)
    }
  })
})

describe('a slot that was filled with keys', () => {
  it('takes a further user all the same, whose place nobody holds', async () => {
    await activate(owner)
    for (let count = 0; count < 40; count += 1) {
      const stranger = createHostKey()
      await activate(stranger)
      await deactivate(stranger)
    }
    const second = createHostKey()
    expect((await activate(second)).status).toBe(200)
    expect(await isValid(second)).toBe(true)
    expect(await isValid(owner)).toBe(true)
  })
})

describe('giving the slot up', () => {
  it('as the oldest leaves it to those who used it within 30 days', async () => {
    const second = createHostKey()
    await activate(owner)
    await activate(second)
    expect((await deactivate(owner)).body).toEqual({
      message: 'Device deactivated',
      code: 0,
      status: 'kept-by-others',
    })
    expect(await isValid(second)).toBe(true)
    expectRefusal(await asApp('/key/validate', owner), 403, 2, 'Proof of possession required')
    expect((await deactivate(second)).body).toEqual({ message: 'Device deactivated', code: 0 })
    expect(await hosts()).toEqual([])
  })

  it('as a younger one waits until the older ones have been away for 14 days', async () => {
    await start({ seatReuse: false })
    const second = createHostKey()
    await activate(owner)
    pass(1)
    await activate(second)
    const answer = await deactivate(second)
    expect(answer.body).toMatchObject({ status: 'release-pending', releaseAt: expect.any(String) })
    const newcomer = (hostId: string) => activate(createHostKey(), { hostId })
    const releaseAt = await pendingUntil()
    expect(answer.body.releaseAt).toBe(releaseAt.toISOString())
    fixture.clock.now = new Date(releaseAt.getTime() - 1)
    expectRefusal(await newcomer('next'), 403, 2, 'Activation limit reached')
  })

  it('is cancelled by an older one who calls before', async () => {
    const second = createHostKey()
    await activate(owner)
    await activate(second)
    await deactivate(second)
    expect((await hosts())[0]?.releaseAt).toBeInstanceOf(Date)
    expect(await isValid(owner)).toBe(true)
    expect((await hosts())[0]?.releaseAt).toBeNull()
  })

  it('takes effect where no older one calls, and the slot is free for whoever asks next', async () => {
    const second = createHostKey()
    await activate(owner)
    await activate(second)
    await deactivate(second)
    const releaseAt = await pendingUntil()
    fixture.clock.now = releaseAt
    expect((await activate(createHostKey(), { hostId: 'next' })).status).toBe(200)
    expect((await hosts()).map(({ hostId }) => hostId)).toEqual(['next'])
  })
})

describe('a host that was activated without a key', () => {
  it('loses nothing to whoever binds one, as long as its license tokens last', async () => {
    expect((await activate()).status).toBe(200)
    const stranger = createHostKey()
    expect((await activate(stranger)).status).toBe(200)
    for (let day = 0; day < 60; day += 3) {
      expect(await isValid()).toBe(true)
      expect((await activate()).status).toBe(200)
      pass(3)
    }
    expect((await deactivate()).status).toBe(200)
  })

  it('asks for the key once they have ended', async () => {
    await activate()
    await activate(owner)
    pass(60)
    expect((await activate(owner)).status).toBe(200)
    expectRefusal(await activate(), 403, 2, 'Proof of possession required')
    expectRefusal(await deactivate(), 403, 2, 'Proof of possession required')
  })
})

describe('a seat of a floating license that was taken with a key', () => {
  beforeEach(async () => {
    licenseKey = await makeKey(fixture, { licenseType: 'floating', maxConcurrentSessions: 1 })
  })

  it('is checked out again by that key, and by nobody who merely knows license key and hostId', async () => {
    const first = await asApp('/key/checkout', owner)
    expect(first.status).toBe(200)
    expectRefusal(await asApp('/key/checkout'), 403, 2, 'Activation limit reached')
    expectRefusal(await asApp('/key/checkout', createHostKey()), 403, 2, 'Activation limit reached')
    const again = await asApp('/key/checkout', owner)
    expect(again.body.sessionId).toBe(first.body.sessionId)
    fixture.clock.now = new Date(fixture.clock.now.getTime() + 3_600_000)
    expect((await asApp('/key/checkout', createHostKey())).status).toBe(200)
  })

  it('cannot be taken in the owner’s place, while one is free', async () => {
    licenseKey = await makeKey(fixture, { licenseType: 'floating', maxConcurrentSessions: 2 })
    const squatter = await asApp('/key/checkout', createHostKey())
    const held = await asApp('/key/checkout', owner)
    expect([squatter.status, held.status]).toEqual([200, 200])
    expect(held.body.sessionId).not.toBe(squatter.body.sessionId)
    expect((await asApp('/key/checkout', owner)).body.sessionId).toBe(held.body.sessionId)
  })

  it('without one goes on as ever, whoever shows a key meanwhile', async () => {
    expect((await asApp('/key/checkout')).status).toBe(200)
    expect((await asApp('/key/checkout')).status).toBe(200)
    expect((await asApp('/key/checkout', createHostKey())).status).toBe(200)
    expect((await asApp('/key/checkout')).status).toBe(200)
  })
})
