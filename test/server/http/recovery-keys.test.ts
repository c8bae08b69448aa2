import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { expectRefusal, makeKey, named, PLAIN_MOUNT } from './actions'
import { type Fixture, startFixture } from './harness'
import { createHostKey, type HostKey, proofFor, sendAsApp } from './host-key'
import { verifyIndependently } from './independent-verifier'
import { isRevoked } from './revoked'

let fixture: Fixture
let licenseKey: string
const DAY = 86_400_000

async function start(options: Parameters<typeof startFixture>[1] = {}): Promise<void> {
  await fixture?.close()
  fixture = await startFixture(PLAIN_MOUNT, options)
  licenseKey = await makeKey(fixture, { expiryDate: null, maxActivations: 1 })
}
beforeEach(() => start())
afterEach(() => fixture.close())

interface User {
  readonly kept: HostKey
  readonly recovery: HostKey
}
const newUser = (): User => ({ kept: createHostKey(), recovery: createHostKey() })
/** The same user after the data folder is gone. */
const wiped = ({ recovery }: User): User => ({ kept: createHostKey(), recovery })

const asApp = (path: string, by: HostKey, fields: object = {}, headers: Record<string, string> = {}) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { hostId: 'host', ...fields }), by, { headers })
const recoveryProof = (by: HostKey, beside: HostKey, path = '/key/activate') =>
  proofFor(fixture, by, path, { claims: { jkt: beside.thumbprint } })
const activate = ({ kept, recovery }: User, fields: object = {}) =>
  asApp('/key/activate', kept, fields, { 'Keyslot-Recovery': recoveryProof(recovery, kept) })
const isValid = async ({ kept }: User) => (await asApp('/key/validate', kept)).body.valid
const slot = async () => {
  const { activations } = await fixture.licensing.licenses.get(licenseKey)
  return activations.find(({ hostId }) => hostId === 'host') ?? expect.fail('the host has no slot')
}
const thumbprints = async () => (await slot()).keys.map(({ thumbprint }) => thumbprint)
const pass = (days: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + days * DAY)
}

describe('a user who has lost the key', () => {
  it('goes on as who they were: rank, rights and time, and no further user', async () => {
    await start({ usersPerHost: 2 })
    const owner = newUser()
    const other = newUser()
    await activate(owner)
    await activate(other)
    const before = await slot()
    pass(1)
    let reinstalled = owner
    for (let count = 0; count < 20; count += 1) {
      reinstalled = wiped(reinstalled)
      const answer = await activate(reinstalled)
      expect(answer.status).toBe(200)
      const { claims } = verifyIndependently(answer.body.licenseToken, fixture.licensing.jwks)
      expect(claims.cnf).toEqual({ jkt: reinstalled.kept.thumbprint })
    }
    const { keys } = await slot()
    expect(keys.map(({ thumbprint }) => thumbprint)).toEqual([reinstalled.kept.thumbprint, other.kept.thumbprint])
    expect(keys[0]).toMatchObject({ boundAt: before.keys[0]?.boundAt, until: null, leftAt: null })
    expect(await isValid(reinstalled)).toBe(true)
    expect(await isValid(other)).toBe(true)
    // The oldest still, it frees the slot at once.
    expect((await asApp('/key/deactivate', reinstalled.kept, { forAll: true })).body.status).toBeUndefined()
  })

  it('is told to the vendor as one who came back', async () => {
    const told: unknown[] = []
    fixture.licensing.on('license.rebound', ({ data }) => told.push(data))
    const owner = newUser()
    await activate(owner)
    await activate(wiped(owner))
    await activate(newUser())
    expect(told).toEqual([
      expect.objectContaining({ users: 1, recovered: true }),
      expect.not.objectContaining({ recovered: true }),
    ])
  })

  it('shows the recovery key alone where nothing can be kept', async () => {
    const owner = newUser()
    await activate(owner)
    expect((await asApp('/key/activate', owner.recovery)).status).toBe(200)
    expect((await asApp('/key/validate', owner.recovery)).body.valid).toBe(true)
    expect(await thumbprints()).toEqual([owner.kept.thumbprint])
  })

  it('keeps a key later who had shown the recovery key alone', async () => {
    const { recovery } = newUser()
    await asApp('/key/activate', recovery)
    const user = { kept: createHostKey(), recovery }
    expect((await activate(user)).status).toBe(200)
    expect(await thumbprints()).toEqual([user.kept.thumbprint])
    expect(await isValid(user)).toBe(true)
    expect((await asApp('/key/validate', recovery)).body.valid).toBe(true)
  })

  it('is told apart by a recovery key that the server learns later', async () => {
    const { kept, recovery } = newUser()
    await asApp('/key/activate', kept)
    await activate({ kept, recovery })
    const after = wiped({ kept, recovery })
    await activate(after)
    expect(await thumbprints()).toEqual([after.kept.thumbprint])
  })

  it('changes what the key is derived from, while it still has its own: the one before is nobody’s then', async () => {
    await start({ usersPerHost: 1 })
    const owner = newUser()
    await activate(owner)
    const rotated = { kept: owner.kept, recovery: createHostKey() }
    await activate(rotated)
    await activate({ kept: createHostKey(), recovery: owner.recovery })
    expect(await thumbprints()).toHaveLength(2)
    expect((await activate(wiped(rotated))).status).toBe(200)
    expect(await thumbprints()).toHaveLength(2)
  })

  it('has two folders side by side, neither of which drives the other out', async () => {
    await start({ usersPerHost: 1 })
    const one = newUser()
    const two = wiped(one)
    await activate(one)
    await activate(two)
    for (let day = 0; day < 30; day += 5) {
      for (const folder of [one, two]) {
        expect((await activate(folder)).status).toBe(200)
        expect(await isValid(folder)).toBe(true)
      }
      pass(5)
    }
    expect((await slot()).keys).toHaveLength(1)
  })

  it('does not lengthen the seven days of one too many', async () => {
    await start({ usersPerHost: 1 })
    const third = newUser()
    await activate(newUser())
    await activate(third)
    const again = wiped(third)
    expect((await activate(again)).status).toBe(200)
    pass(7)
    expectRefusal(await activate(again), 403, 2, 'Too many users of this host')
    expectRefusal(await activate(wiped(again)), 403, 2, 'Too many users of this host')
  })

  it('comes back after giving the slot up', async () => {
    const [owner, other] = [newUser(), newUser()]
    await activate(owner)
    await activate(other)
    await asApp('/key/deactivate', owner.kept)
    const again = wiped(owner)
    await activate(again)
    expect(await thumbprints()).toEqual([again.kept.thumbprint, other.kept.thumbprint])
    expect((await slot()).keys[0]?.leftAt).toBeNull()
  })
})

describe('how often lost keys are succeeded', () => {
  it('is limited by host and network, for minutes, and costs the host’s other users nothing', async () => {
    const [owner, thief] = [newUser(), newUser()]
    await activate(owner)
    await activate(thief)
    let answer = await activate(wiped(thief))
    for (let count = 1; count < 20; count += 1) answer = await activate(wiped(thief))
    expect(answer.status).toBe(200)
    const refused = await activate(wiped(thief))
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(600)
    // A key that the host had before, and a further user, cost nothing.
    expect((await activate(owner)).status).toBe(200)
    expect((await activate(newUser())).status).toBe(200)
    expect(await isValid(owner)).toBe(true)
    fixture.clock.now = new Date(fixture.clock.now.getTime() + 600_000)
    expect((await activate(wiped(thief))).status).toBe(200)
  })
})

describe('a recovery key', () => {
  const invalid = [401, 1, 'Invalid proof of possession'] as const

  it('is nobody else’s: with another first key than its proof is made for, it is refused', async () => {
    const owner = newUser()
    const thief = createHostKey()
    await activate(owner)
    const overheard = recoveryProof(owner.recovery, owner.kept)
    expectRefusal(await asApp('/key/activate', thief, {}, { 'Keyslot-Recovery': overheard }), ...invalid)
    const unnamed = proofFor(fixture, owner.recovery, '/key/activate')
    expectRefusal(await asApp('/key/activate', thief, {}, { 'Keyslot-Recovery': unnamed }), ...invalid)
    expect(await thumbprints()).toEqual([owner.kept.thumbprint])
  })

  it('must be proven: another’s in the header, signed by oneself, is refused', async () => {
    const owner = newUser()
    const thief = createHostKey()
    await activate(owner)
    const forged = proofFor(fixture, owner.recovery, '/key/activate', {
      claims: { jkt: thief.thumbprint },
      signedBy: thief.privateKey,
    })
    expectRefusal(await asApp('/key/activate', thief, {}, { 'Keyslot-Recovery': forged }), ...invalid)
    const elsewhere = recoveryProof(owner.recovery, thief, '/key/deactivate')
    expectRefusal(await asApp('/key/activate', thief, {}, { 'Keyslot-Recovery': elsewhere }), ...invalid)
    expect(await thumbprints()).toEqual([owner.kept.thumbprint])
  })

  it('is taken once', async () => {
    const owner = newUser()
    const shown = { 'Keyslot-Recovery': recoveryProof(owner.recovery, owner.kept) }
    expect((await asApp('/key/activate', owner.kept, {}, shown)).status).toBe(200)
    expectRefusal(await asApp('/key/activate', owner.kept, {}, shown), ...invalid)
  })

  it('is looked at only where keys are bound, and stands beside no missing proof', async () => {
    const owner = newUser()
    await activate(owner)
    const stray = { 'Keyslot-Recovery': 'not a proof' }
    expect((await asApp('/key/validate', owner.kept, {}, stray)).status).toBe(200)
    expectRefusal(await asApp('/key/activate', owner.kept, {}, stray), ...invalid)
    const body = named(fixture, licenseKey, { hostId: 'host' })
    const keyless = await sendAsApp(fixture, '/key/activate', body, undefined, { headers: stray })
    expectRefusal(keyless, 403, 2, 'Proof of possession required')
  })

  it('of a thief who copies the shape of the request frees no slot in 90 days', async () => {
    const owner = newUser()
    const held = await activate(owner)
    const thieves = Array.from({ length: 3 }, newUser)
    for (let day = 0; day < 90; day += 3) {
      for (const thief of thieves) {
        const again = wiped(thief)
        await activate(again)
        await asApp('/key/deactivate', again.kept)
        await asApp('/key/deactivate', again.kept, { forAll: true })
        const moved = await activate(again, { hostId: 'elsewhere', previousHostIds: ['host'] })
        expectRefusal(moved, 403, 2, 'Activation limit reached')
      }
      expect((await thumbprints())[0]).toBe(owner.kept.thumbprint)
      expect(await isValid(owner)).toBe(true)
      pass(3)
    }
    expect(await isRevoked(fixture, held.body.licenseToken)).toBe(false)
  })

  it('of the owner is not bound beside a thief’s key', async () => {
    const owner = newUser()
    const thief = newUser()
    await activate(owner)
    await activate(thief)
    await activate({ kept: thief.kept, recovery: owner.recovery })
    const again = wiped(owner)
    await activate(again)
    expect((await thumbprints())[0]).toBe(again.kept.thumbprint)
  })
})
