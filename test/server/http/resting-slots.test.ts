import { createKeyring, createLicensing, type LicensingOptions } from 'keyslot/server'
import { memoryStorage } from 'keyslot/storage'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  activateHost,
  ask,
  expectAnswer,
  expectRefusal,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  storedLicense,
} from './actions'
import { faultyStorage } from './faulty-storage'
import { type Fixture, START, startFixture, type WireRequest } from './harness'
import { createHostKey, type HostKey, sendAsApp } from './host-key'
import { verifyIndependently } from './independent-verifier'
import { isRevoked } from './revoked'
import { activateDevice } from './subject'

const DAY = 86_400
/** Fourteen days of offline lifetime and seven of grace; five minutes for a slow clock, five until a visit is written. */
const TOKENS_END = 21 * DAY + 600

let fixture: Fixture
let licenseKey: string
afterEach(() => fixture.close())

async function start(options: Partial<LicensingOptions> = {}, terms: object = { maxActivations: 1 }): Promise<void> {
  fixture = await startFixture(PLAIN_MOUNT, options)
  licenseKey = await makeKey(fixture, { expiryDate: null, ...terms })
}

const wait = (seconds: number) => {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + seconds * 1000)
}
const app = (path: string, hostId: string, fields: object = {}, by?: HostKey, request: WireRequest = {}) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { hostId, ...fields }), by, request)
const activate = (hostId: string, fields: object = {}, by?: HostKey) => app('/key/activate', hostId, fields, by)
const deactivate = (hostId: string, request: WireRequest = {}) => app('/key/deactivate', hostId, {}, undefined, request)
const claimsOf = (licenseToken: string) => verifyIndependently(licenseToken, fixture.licensing.jwks).claims
const countOf = async () => (await storedLicense(fixture, licenseKey)).activationCount
const hosts = async () =>
  (await fixture.licensing.licenses.get(licenseKey)).activations.map(({ hostId }) => hostId).toSorted()
const lastEvent = async () => {
  const { id } = await storedLicense(fixture, licenseKey)
  const { items } = await fixture.licensing.events.list({ licenseId: id }, { limit: 100 })
  return items.at(-1)
}
const freed = { message: 'Device deactivated', code: 0, devicesRemoved: 1 }
const full = [403, 2, 'Activation limit reached'] as const

describe('activate, copy the app’s files, deactivate, put them back', () => {
  it('gains a seat for a while, as often as comes where the option is off', async () => {
    await start({ seatReuse: false })
    for (let move = 0; move < 15; move += 1) {
      expect((await activate(`host-${move}`)).status).toBe(200)
      expectAnswer(await deactivate(`host-${move}`), 200, freed)
    }
  })

  it('never keeps a host from its own slot, however often it comes and goes', async () => {
    await start()
    for (let time = 0; time < 30; time += 1) {
      expect((await activate('A')).status).toBe(200)
      expectAnswer(await deactivate('A'), 200, freed)
    }
  })

  it('gains nobody a seat where they do', async () => {
    await start({ seatReuse: { freeMoves: 0 } })
    const held = await activate('A')
    expectAnswer(await deactivate('A'), 200, freed)
    // Its tokens may live as long as its slot rests.
    expect(await isRevoked(fixture, held.body.licenseToken)).toBe(false)

    expectRefusal(await activate('B'), ...full)
    wait(TOKENS_END - 1)
    expectRefusal(await activate('B'), ...full)
    expect(await countOf()).toBe(1)
    wait(1)
    expect((await activate('B')).status).toBe(200)
    expect([await hosts(), await countOf()]).toEqual([['B'], 1])
  })

  it('gives the same host its slot back at once, with new tokens, whatever key it shows', async () => {
    await start({ seatReuse: { freeMoves: 0 } })
    const [before, after] = [createHostKey(), createHostKey()]
    const held = await activate('A', {}, before)
    await app('/key/deactivate', 'A', {}, before)
    const back = await activate('A', {}, after)
    expect(back.status).toBe(200)
    expect(claimsOf(back.body.licenseToken)).toMatchObject({ cnf: { jkt: after.thumbprint } })
    expect(claimsOf(back.body.licenseToken).jti).not.toBe(claimsOf(held.body.licenseToken).jti)
    expect((await lastEvent())?.type).toBe('license.activated')
    expect(await countOf()).toBe(1)
  })
})

describe('a slot that rests', () => {
  beforeEach(async () => {
    await start({ seatReuse: { freeMoves: 0 } })
    await activate('A')
    await deactivate('A')
  })

  it('is no activation: its host is not active, and deactivating it again is 404', async () => {
    const validation = await app('/key/validate', 'A')
    expectAnswer(validation, 200, { code: 0, valid: false, reason: 'activation-revoked' })
    expectRefusal(await deactivate('A'), 404, 1, 'Device not found')
  })

  it('leaves the event of a deactivation, which says so', async () => {
    const data = { productId: fixture.productId, hostId: 'A', resting: true }
    expect(await lastEvent()).toMatchObject({ type: 'license.deactivated', data })
  })

  it('is freed at once by the vendor, by each of its means', async () => {
    const body = named(fixture, licenseKey, { hostId: 'A' })
    expectAnswer(await post(fixture, '/key/deactivate', body), 200, freed)
    expect((await activate('B')).status).toBe(200)
    await deactivate('B')
    await fixture.licensing.licenses.reset(licenseKey)
    expect((await activate('C')).status).toBe(200)
  })

  it('cannot be taken over by another id', async () => {
    expectRefusal(await activate('B', { previousHostIds: ['A'] }), ...full)
  })

  it('is no device that its user could free, or that would count', async () => {
    await fixture.close()
    await start({ seatReuse: { freeMoves: 0 }, selfServiceFreesPerMonth: 1 }, { maxActivations: 3 })
    await fixture.licensing.products.update(fixture.productId, { selfService: true })
    const [rests, inUse] = [
      await activateDevice(fixture, licenseKey, 'A'),
      await activateDevice(fixture, licenseKey, 'B'),
    ]
    await deactivate('A')
    const free = (device: string) => sendAsApp(fixture, '/key/devices/free', named(fixture, licenseKey, { device }))
    expectRefusal(await free(rests), 404, 1, 'Device not found')
    expectRefusal(await activate('C', { replaceDevice: rests }), 404, 1, 'Device not found')
    const { devices } = (await sendAsApp(fixture, '/key/devices', named(fixture, licenseKey))).body
    const shown = devices.map(({ device, resting }: { device: string; resting: boolean }) => [device, resting])
    expect(shown).toEqual([
      [rests, true],
      [inUse, false],
    ])
    expectAnswer(await free(inUse), 200, { code: 0, message: 'Device freed' })
  })

  it('makes room for the vendor too once it has rested', async () => {
    expectRefusal(await activateHost(fixture, licenseKey, 'B'), ...full)
    wait(TOKENS_END)
    expect((await activateHost(fixture, licenseKey, 'B')).status).toBe(200)
  })

  it('is shown to AuthTool as a device that is not usable', async () => {
    const { body } = await ask(fixture, 'GET', `/public/v1/key/${licenseKey}/detail`)
    expect(body).toMatchObject({ key: { activateCount: 1 }, devices: [{ uid: 'A', status: 0 }] })
  })
})

describe('the first moves', () => {
  it.each([
    [undefined, 6],
    [{}, 6],
    [{ periodDays: 30 }, 6],
    [{ freeMoves: 3 }, 3],
    [{ freeMoves: 1 }, 1],
  ])('are free at once: %j', async (seatReuse, free) => {
    await start(seatReuse && { seatReuse })
    for (let move = 0; move < free; move += 1) {
      expect((await activate(`host-${move}`)).status).toBe(200)
      expect((await deactivate(`host-${move}`)).status).toBe(200)
    }
    expect((await activate('next')).status).toBe(200)
    expect((await deactivate('next')).status).toBe(200)
    expectRefusal(await activate('late'), ...full)
  })

  it('are one more for each slot of the license, and not counted where it has more than 1,000', async () => {
    await start({}, { maxActivations: 3 })
    const moves = async (count: number) => {
      for (let move = 0; move < count; move += 1) {
        await activate(`host-${move}`)
        await deactivate(`host-${move}`)
      }
      return await hosts()
    }
    // A slot that rests is listed.
    expect(await moves(8)).toEqual([])
    expect(await moves(2)).toEqual(['host-0', 'host-1'])
    licenseKey = await makeKey(fixture, { maxActivations: 1001 })
    expect(await moves(15)).toEqual([])
  })

  it('are free again after the period', async () => {
    await start({ seatReuse: { freeMoves: 1, periodDays: 2 } })
    await activate('A')
    await deactivate('A')
    await activate('B')
    wait(2 * DAY)
    await deactivate('B')
    expect((await activate('C')).status).toBe(200)
  })

  it('are counted by license', async () => {
    await start({ seatReuse: { freeMoves: 1 } })
    await activate('A')
    await deactivate('A')
    licenseKey = await makeKey(fixture, { maxActivations: 1 })
    await activate('A')
    await deactivate('A')
    expect((await activate('B')).status).toBe(200)
  })

  it('are not used up by requests that are repeated, or refused', async () => {
    await start({ seatReuse: { freeMoves: 1 } }, { maxActivations: 2 })
    await activate('A', {}, createHostKey())
    await activate('B')
    const once = { headers: { 'Idempotency-Key': 'uninstall' } }
    for (let count = 0; count < 3; count += 1) {
      expectRefusal(await deactivate('A'), 403, 2, 'Proof of possession required')
      expectRefusal(await deactivate('nobody'), 404, 1, 'Device not found')
    }
    expectAnswer(await deactivate('B', once), 200, freed)
    expectAnswer(await deactivate('B', once), 200, freed)
    expect(await hosts()).toEqual(['A'])
    // The one there is was spent once: the next slot rests.
    await activate('C')
    await deactivate('C')
    expect(await hosts()).toEqual(['A', 'C'])
  })

  it('count a release that was spent for, and then failed, once', async () => {
    const faults = faultyStorage()
    await start({ storage: faults.storage, seatReuse: { freeMoves: 1 } })
    await activate('A')
    faults.breakWrites('activations', () => Promise.reject(new Error('the database is gone')))
    const once = { headers: { 'Idempotency-Key': 'uninstall' } }
    for (let count = 0; count < 3; count += 1) expect((await deactivate('A', once)).status).toBe(500)
    faults.heal()
    expectAnswer(await deactivate('A', once), 200, freed)
    expect(await countOf()).toBe(0)
  })

  it('are not needed once nobody’s tokens are of use, nor where there is no limit', async () => {
    await start({ seatReuse: { freeMoves: 0 } })
    await activate('A')
    wait(TOKENS_END)
    await deactivate('A')
    expect(await countOf()).toBe(0)
    licenseKey = await makeKey(fixture, { expiryDate: null })
    await activate('A')
    await deactivate('A')
    expect(await countOf()).toBe(0)
  })
})

describe('at the limit', () => {
  const lost = createHostKey()
  const newKey = createHostKey()
  const at = (hostId: string, by?: HostKey) => activate(hostId, {}, by)

  it('a slot whose license tokens have all ended yields to a new host, and no other does', async () => {
    await start({}, { maxActivations: 2 })
    await at('in use', createHostKey())
    await at('lost', lost)
    wait(TOKENS_END - 1)
    expect((await at('in use')).status).not.toBe(200)
    expectRefusal(await at('new', newKey), ...full)
    fixture.clock.now = new Date(fixture.clock.now.getTime() + 1000)
    await fixture.licensing.licenses.sign(licenseKey, {
      productId: fixture.productId,
      hostId: 'in use',
      ttlSeconds: DAY,
    })
    expect((await at('new', newKey)).status).toBe(200)
    expect(await hosts()).toEqual(['in use', 'new'])
    expect((await lastEvent())?.data).toMatchObject({ hostId: 'new', displacedHostIds: ['lost'] })
    expectRefusal(await at('lost', lost), ...full)
  })

  it.each<[string, () => Promise<unknown>]>([
    ['never showed a key', () => at('old')],
    ['has a license file that lasts', () => at('old', lost).then(() => signFor('old', 90))],
    ['could not renew until a week ago', () => at('old', lost).then(() => blockFor(60))],
  ])('a host that %s keeps its slot', async (_, take) => {
    await start()
    await take()
    wait(_.startsWith('could') ? 7 * DAY : 60 * DAY)
    expectRefusal(await at('new', newKey), ...full)
    expect(await hosts()).toEqual(['old'])
  })

  it('nothing yields where the option is off', async () => {
    await start({ seatReuse: false })
    await at('lost', lost)
    wait(TOKENS_END * 4)
    expectRefusal(await at('new', newKey), ...full)
  })

  const signFor = (hostId: string, days: number) =>
    fixture.licensing.licenses.sign(licenseKey, { productId: fixture.productId, hostId, ttlSeconds: days * DAY })
  const blockFor = async (days: number) => {
    await fixture.licensing.licenses.block(licenseKey)
    wait(days * DAY)
    await fixture.licensing.licenses.unblock(licenseKey)
  }
})

describe('a slot that moves', () => {
  it('is not moved once the moves are used up, though a free one is taken', async () => {
    await start({ seatReuse: { freeMoves: 1 } }, { maxActivations: 2 })
    await activate('A')
    expect((await activate('B', { previousHostIds: ['A'] })).status).toBe(200)
    expect(await hosts()).toEqual(['B'])
    expect((await activate('C', { previousHostIds: ['B'] })).status).toBe(200)
    expect(await hosts()).toEqual(['B', 'C'])
    expectRefusal(await activate('D', { previousHostIds: ['C'] }), ...full)
    expect(await hosts()).toEqual(['B', 'C'])
  })

  it('counts a repeated request once', async () => {
    await start({ seatReuse: { freeMoves: 1 } })
    await activate('A')
    const once = { headers: { 'Idempotency-Key': 'a new id' } }
    const move = () => app('/key/activate', 'B', { previousHostIds: ['A'] }, undefined, once)
    const first = await move()
    expectAnswer(await move(), 200, first.body)
    expect(await hosts()).toEqual(['B'])
    await deactivate('B')
    expectRefusal(await activate('C'), ...full)
  })

  it('moves for the vendor however often', async () => {
    await start({ seatReuse: { freeMoves: 0 } })
    await activate('host-0')
    for (let move = 1; move < 4; move += 1) {
      const body = named(fixture, licenseKey, { hostId: `host-${move}`, previousHostIds: [`host-${move - 1}`] })
      expect((await post(fixture, '/key/activate', body)).status).toBe(200)
    }
    expect(await hosts()).toEqual(['host-3'])
  })

  it('is not moved by replacing a device either', async () => {
    await start({ seatReuse: { freeMoves: 0 } })
    await fixture.licensing.products.update(fixture.productId, { selfService: true })
    const device = await activateDevice(fixture, licenseKey, 'A')
    expectRefusal(await activate('B', { replaceDevice: device }), ...full)
    const freeing = { token: fixture.publishable }
    const free = () => post(fixture, '/key/devices/free', named(fixture, licenseKey, { device }), freeing)
    expectAnswer(await free(), 200, { code: 0, message: 'Device freed' })
    expectRefusal(await free(), 404, 1, 'Device not found')
    expectRefusal(await activate('B', { replaceDevice: device }), 404, 1, 'Device not found')
    expectRefusal(await activate('B'), ...full)
    wait(TOKENS_END)
    expect((await activate('B')).status).toBe(200)
  })
})

describe('activationRate', () => {
  it('lets so many hosts take a slot in a time, and answers others 429', async () => {
    await start({ activationRate: { hosts: 2, periodSeconds: 3600 } }, {})
    for (const hostId of ['A', 'B', 'A', 'B']) expect((await activate(hostId)).status).toBe(200)
    const refused = await activate('C')
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 429, code: 3 })
    expect(refused.headers.get('Retry-After')).toBe('3600')
    wait(600)
    expect((await activate('C')).headers.get('Retry-After')).toBe('3000')
    expect((await activateHost(fixture, licenseKey, 'vendor')).status).toBe(200)
    wait(3000)
    expect((await activate('C')).status).toBe(200)
  })

  it('counts a host that comes back once, and one that brings its slot with it not at all', async () => {
    await start({ activationRate: { hosts: 1, periodSeconds: 3600 } }, {})
    for (let count = 0; count < 3; count += 1) {
      expect((await activate('A')).status).toBe(200)
      expect((await deactivate('A')).status).toBe(200)
    }
    await activate('A')
    expect((await activate('B', { previousHostIds: ['A'] })).status).toBe(200)
    expect((await activate('C', { previousHostIds: ['A'] })).status).toBe(429)
  })

  it('counts none that is refused', async () => {
    await start({ activationRate: { hosts: 1, periodSeconds: 3600 } }, { allowedHosts: ['A'], maxActivations: 1 })
    for (const hostId of ['B', 'C']) expectRefusal(await activate(hostId), 403, 2, 'Host not allowed')
    expect((await activate('A')).status).toBe(200)
    licenseKey = await makeKey(fixture, { maxActivations: 1 })
    expect((await activate('A')).status).toBe(200)
    expectRefusal(await activate('B'), ...full)
  })

  it('counts a repeated request once, though the host that has no id gets another each time', async () => {
    await start({ activationRate: { hosts: 2, periodSeconds: 3600 } }, {})
    const once = { headers: { 'Idempotency-Key': 'install' } }
    const body = named(fixture, licenseKey)
    const first = await sendAsApp(fixture, '/key/activate', body, undefined, once)
    expect(first.status).toBe(200)
    for (let count = 0; count < 3; count += 1) {
      expectAnswer(await sendAsApp(fixture, '/key/activate', body, undefined, once), 200, first.body)
    }
    expect((await activate('B')).status).toBe(200)
    expect((await activate('C')).status).toBe(429)
  })

  it('goes with resting slots', async () => {
    await start({ activationRate: { hosts: 1, periodSeconds: 60 }, seatReuse: { freeMoves: 0 } })
    await activate('A')
    await deactivate('A')
    expectRefusal(await activate('B'), ...full)
    expect((await activate('A')).status).toBe(200)
    await deactivate('A')
    wait(TOKENS_END)
    expect((await activate('B')).status).toBe(200)
  })
})

describe('the options on slots', () => {
  beforeEach(() => start())
  const logger = { warn: () => undefined, error: () => undefined }
  const make = (options: object) =>
    createLicensing({ storage: memoryStorage(), keyring: createKeyring(START), logger, ...options })

  it.each([
    [{ seatReuse: true }],
    [{ seatReuse: null }],
    [{ seatReuse: { freeMoves: -1 } }],
    [{ seatReuse: { freeMoves: 1.5 } }],
    [{ seatReuse: { freeMoves: 10_001 } }],
    [{ seatReuse: { freeMoves: '3' } }],
    [{ seatReuse: { periodDays: 0 } }],
    [{ seatReuse: { periodDays: Number.NaN } }],
    [{ seatReuse: { moves: 3 } }],
    [{ activationRate: {} }],
    [{ activationRate: { hosts: 5 } }],
    [{ activationRate: { hosts: 0, periodSeconds: 60 } }],
    [{ activationRate: { hosts: 5, periodSeconds: 0 } }],
    [{ activationRate: { hosts: Number.POSITIVE_INFINITY, periodSeconds: 60 } }],
    [{ rebindsPerDay: -1 }],
    [{ rebindsPerDay: null }],
    [{ selfServiceFreesPerMonth: 0.5 }],
    [{ selfServiceFreesPerMonth: '5' }],
  ])('are refused at the start where they make no sense: %j', async (options) => {
    const [name = ''] = Object.keys(options)
    await expect(make(options)).rejects.toThrow(TypeError)
    await expect(make(options)).rejects.toThrow(name)
  })
})
