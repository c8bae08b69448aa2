import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeKey, named, PLAIN_MOUNT } from './actions'
import { type Fixture, startFixture } from './harness'
import { createHostKey, type HostKey, sendAsApp } from './host-key'

const DAY_MS = 86_400_000

let fixture: Fixture
let licenseKey: string
const owner = createHostKey()

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  await fixture.licensing.products.update(fixture.productId, { selfService: true })
  licenseKey = await makeKey(fixture, { expiryDate: null, maxActivations: 1 })
})
afterEach(() => fixture.close())

const send = (path: string, by: HostKey, fields: object) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { ...fields }), by)
const activate = (by: HostKey, hostId: string, fields: object = {}) => send('/key/activate', by, { hostId, ...fields })
const devices = async () => (await send('/key/devices', owner, {})).body.devices
const hosts = async () => (await fixture.licensing.licenses.get(licenseKey)).activations.map(({ hostId }) => hostId)
/** As whoever has nothing but the license key; the newest device, and its oldest user. */
const dropOldest = async () => {
  const [device] = await devices()
  return await send('/key/devices/drop-user', createHostKey(), { device: device.device, user: device.users[0].user })
}
const moveOn = (ms: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + ms)
}

const vendorFrees = (hostId: string) =>
  fixture.store.releaseActivation(
    fixture.licensing.accountId,
    { canonicalKey: licenseKey, productId: fixture.productId, hostId, trusted: true },
    { now: fixture.clock.now },
  )

/** What somebody with license key and hostId may try, whichever comes. */
const ATTACKS: readonly ((thief: HostKey, round: number) => Promise<unknown>)[] = [
  async (thief, round) => activate(thief, `thief-${round}`, { replaceDevice: (await devices())[0]?.device }),
  async (thief) => activate(thief, 'the-host', { replaceDevice: (await devices())[0]?.device }),
  async (thief, round) => {
    await send('/key/devices/free', thief, { device: (await devices())[0]?.device ?? 'none' })
    await activate(thief, `thief-${round}`)
  },
  async (thief, round) => {
    await activate(thief, 'the-host')
    await send('/key/deactivate', thief, { hostId: 'the-host', forAll: true })
    await activate(thief, `thief-${round}`, { previousHostIds: ['the-host'] })
  },
  async (thief) => {
    const [device] = await devices()
    const user = device?.users[0]?.user ?? 'none'
    await send('/key/devices/drop-user', thief, { device: device?.device ?? 'none', user })
  },
]

describe('a thief with license key and hostId', () => {
  it.each([
    ['new keys each time', () => createHostKey()],
    ['one key', (one: HostKey) => one],
  ])(
    'who displaces the owner 100 times a day, with %s, has not got the slot at the end of any',
    async (_, keyOf) => {
      const one = createHostKey()
      expect((await activate(owner, 'the-host')).status).toBe(200)
      let displaced = 0
      for (let day = 0; day < 3; day += 1) {
        for (let round = 0; round < 100; round += 1) {
          moveOn(60_000)
          await ATTACKS[round % ATTACKS.length]?.(keyOf(one), day * 100 + round)
          // The owner's app is started now and then.
          if (round % 10 !== 9) continue
          const valid = (await send('/key/validate', owner, { hostId: 'the-host' })).body.valid === true
          if (!valid) displaced += 1
          if (!valid) await activate(owner, 'the-host')
        }
        const { status, body } = await activate(owner, 'the-host')
        expect({ day, status, body }).toMatchObject({ status: 200 })
        expect((await send('/key/validate', owner, { hostId: 'the-host' })).body.valid).toBe(true)
        const { activations } = await fixture.licensing.licenses.get(licenseKey)
        expect(activations.map(({ hostId, keys }) => [hostId, keys[0]?.thumbprint])).toEqual([
          ['the-host', owner.thumbprint],
        ])
        moveOn(DAY_MS - 100 * 60_000)
      }
      // They did come through, as often as the license lets devices be freed.
      expect(displaced).toBeGreaterThan(0)
    },
    60_000,
  )

  it('is told of, and so is the owner’s return', async () => {
    await activate(owner, 'the-host')
    await activate(createHostKey(), 'thief', { replaceDevice: (await devices())[0]?.device })
    const told: unknown[] = []
    fixture.licensing.on('license.moved', ({ data }) => told.push(data))
    await activate(owner, 'the-host')
    expect(told).toEqual([expect.objectContaining({ hostId: 'the-host', previousHostIds: ['thief'], returned: true })])
  })

  it('is the owner, as far as the server can tell, where the other came first', async () => {
    const other = createHostKey()
    await activate(other, 'the-old-host')
    moveOn(DAY_MS)
    expect((await activate(owner, 'the-host', { replaceDevice: (await devices())[0]?.device })).status).toBe(200)
    expect((await activate(other, 'the-old-host')).status).toBe(200)
    expect((await activate(owner, 'the-host')).status).toBe(403)
    // The vendor frees it for good.
    await vendorFrees('the-old-host')
    expect((await activate(owner, 'the-host')).status).toBe(200)
    expect((await activate(other, 'the-old-host')).status).toBe(403)
  })
})

describe('a host that was displaced', () => {
  const [friend, thief, another] = [createHostKey(), createHostKey(), createHostKey()]

  it('comes back also where the thief has bound a key to it, dropped the owner and moved it', async () => {
    await activate(owner, 'the-host')
    moveOn(30 * DAY_MS)
    await send('/key/validate', owner, { hostId: 'the-host' })
    expect((await activate(thief, 'the-host')).status).toBe(200)
    moveOn(60_000)
    expect((await dropOldest()).status).toBe(200)
    expect((await activate(thief, 'thief', { previousHostIds: ['the-host'] })).status).toBe(200)
    expect((await activate(owner, 'the-host')).status).toBe(200)
    expect(await hosts()).toEqual(['the-host'])
    expect((await activate(thief, 'thief')).status).toBe(403)
  })

  it('comes back whoever else came back before', async () => {
    await fixture.licensing.licenses.update(licenseKey, { maxActivations: 2 })
    await activate(owner, 'the-host')
    moveOn(1000)
    await activate(friend, 'friends')
    moveOn(DAY_MS)
    const [second, first] = await devices()
    await activate(thief, 'thief-1', { replaceDevice: first.device })
    await activate(another, 'thief-2', { replaceDevice: second.device })
    expect((await activate(owner, 'the-host')).status).toBe(200)
    expect((await activate(friend, 'friends')).status).toBe(200)
    expect((await hosts()).sort()).toEqual(['friends', 'the-host'])
  })

  it('comes back although a host of the thief’s does first', async () => {
    await fixture.licensing.licenses.update(licenseKey, { maxActivations: 2 })
    await activate(owner, 'the-host')
    moveOn(60 * DAY_MS)
    await send('/key/validate', owner, { hostId: 'the-host' })
    await activate(thief, 'x')
    moveOn(1000)
    const [x, own] = await devices()
    await activate(another, 'y', { replaceDevice: x.device })
    moveOn(1000)
    await activate(createHostKey(), 'z', { replaceDevice: own.device })
    moveOn(1000)
    await activate(thief, 'x')
    expect((await activate(owner, 'the-host')).status).toBe(200)
    expect(await hosts()).toContain('the-host')
  })

  it('comes back also where a stranger did it who has long been the youngest user of some other device', async () => {
    await fixture.licensing.licenses.update(licenseKey, { maxActivations: 2 })
    await activate(owner, 'the-host')
    await activate(thief, 'the-host')
    moveOn(DAY_MS)
    await activate(friend, 'friends')
    moveOn(DAY_MS)
    const [newest] = await devices()
    expect((await activate(thief, 'thief', { replaceDevice: newest.device })).status).toBe(200)
    expect((await activate(friend, 'friends')).status).toBe(200)
    expect((await hosts()).sort()).toEqual(['friends', 'the-host'])
  })

  it('does not come back once the vendor has freed who came after it', async () => {
    await activate(owner, 'the-host')
    moveOn(DAY_MS)
    await send('/key/devices/free', another, { device: (await devices())[0].device })
    await activate(thief, 'x')
    await vendorFrees('x')
    expect((await activate(friend, 'friends')).status).toBe(200)
    expect((await activate(owner, 'the-host')).status).toBe(403)
    expect(await hosts()).toEqual(['friends'])
  })

  it('does not come back as a user whom the vendor drops, too', async () => {
    await activate(owner, 'the-host')
    await activate(friend, 'the-host')
    await dropOldest()
    const named = { productId: fixture.productId, hostId: 'the-host', key: owner.thumbprint }
    await fixture.licensing.licenses.dropKey(licenseKey, named)
    expect((await activate(owner, 'the-host')).status).toBe(403)
    expect((await send('/key/validate', friend, { hostId: 'the-host' })).body.valid).toBe(true)
  })
})
