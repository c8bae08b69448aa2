import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newActivation } from '../../storage/verbs/kit/entities'
import {
  addAccount,
  expectAnswer,
  expectMalformed,
  expectRefusal,
  makeKey,
  named,
  PLAIN_MOUNT,
  post,
  UNKNOWN_KEY,
} from './actions'
import { faultyStorage } from './faulty-storage'
import { type Fixture, MOUNTS, START, startFixture, type WireRequest } from './harness'
import { createHostKey, sendAsApp } from './host-key'
import { activateDevice } from './subject'

const DAY_MS = 86_400_000
const FORBIDDEN = [403, 1, 'Insufficient permissions for this operation'] as const
const MISSING = [404, 1, 'Device not found'] as const
const FREED = { code: 0, message: 'Device freed' }

let fixture: Fixture
let licenseKey: string

const app = (path: string, fields: object = {}, request: WireRequest = {}) =>
  sendAsApp(fixture, path, named(fixture, licenseKey, { ...fields }), undefined, request)
const list = (fields: object = {}) => app('/key/devices', fields)
const free = (device: string, request: WireRequest = {}) => app('/key/devices/free', { device }, request)
const vendor = (path: string, fields: object = {}) => post(fixture, path, named(fixture, licenseKey, { ...fields }))
const hosts = async () =>
  (await fixture.licensing.licenses.get(licenseKey)).activations.map(({ hostId }) => hostId).toSorted()
const allow = (selfService: boolean) => fixture.licensing.products.update(fixture.productId, { selfService })

describe.each(MOUNTS)('the devices of a license, mounted $name', (mount) => {
  beforeAll(async () => {
    fixture = await startFixture(mount)
    await allow(true)
  })
  afterAll(() => fixture.close())
  beforeEach(async () => {
    fixture.clock.now = START
    licenseKey = await makeKey(fixture, { expiryDate: null, maxActivations: 3 })
  })

  it('are listed, the newest first, without a word of who and where they are', async () => {
    const licensee = { name: 'Ada Lovelace', email: 'ada@example.com' }
    await app('/key/activate', { hostId: 'the-desk-host', deviceTag: 'Desk', licensee })
    fixture.clock.now = new Date(START.getTime() + 1000)
    await app('/key/activate', { hostId: 'the-lap-host' })
    const { activations } = await fixture.licensing.licenses.get(licenseKey)
    const answer = await list({ hostId: 'the-desk-host' })
    expectAnswer(answer, 200, {
      code: 0,
      maxActivations: 3,
      activations: 2,
      devices: [
        {
          device: activations[0]?.id,
          deviceTag: null,
          activatedAt: fixture.clock.now.toISOString(),
          lastSeenAt: fixture.clock.now.toISOString(),
          thisDevice: false,
          resting: false,
          users: [],
        },
        {
          device: activations[1]?.id,
          deviceTag: 'Desk',
          activatedAt: START.toISOString(),
          lastSeenAt: START.toISOString(),
          thisDevice: true,
          resting: false,
          users: [],
        },
      ],
    })
    for (const secret of ['desk-host', 'lap-host', '127.0.0.1', 'Ada', 'ada@']) {
      expect(JSON.stringify(answer.body)).not.toContain(secret)
    }
  })

  it('are none of a license that is not in use, and have no limit where it has none', async () => {
    licenseKey = await makeKey(fixture)
    expectAnswer(await list(), 200, { code: 0, maxActivations: null, activations: 0, devices: [] })
    expectAnswer(await list({ hostId: null }), 200, { code: 0, maxActivations: null, activations: 0, devices: [] })
  })

  it('can be freed, for another to take the slot', async () => {
    const devices = [await activateDevice(fixture, licenseKey, 'A'), await activateDevice(fixture, licenseKey, 'B')]
    expectAnswer(await free(devices[0] ?? ''), 200, FREED)
    expect(await hosts()).toEqual(['B'])
    expectRefusal(await free(devices[0] ?? ''), ...MISSING)
    const { license } = await fixture.licensing.licenses.get(licenseKey)
    const { items } = await fixture.licensing.events.list({ licenseId: license.id }, { limit: 10 })
    expect(items.at(-1)).toMatchObject({
      type: 'license.deactivated',
      data: { productId: fixture.productId, hostId: 'A', selfService: true },
    })
    expect(await fixture.store.listRevocations(fixture.clock.now, fixture.productId)).not.toEqual([])
  })

  it('can be replaced at the limit', async () => {
    licenseKey = await makeKey(fixture, { maxActivations: 1 })
    const device = await activateDevice(fixture, licenseKey, 'A')
    expectRefusal(await app('/key/activate', { hostId: 'B' }), 403, 2, 'Activation limit reached')
    const moved = await app('/key/activate', { hostId: 'B', replaceDevice: device })
    expect(moved).toMatchObject({ status: 200, body: { hostId: 'B' } })
    expect(await hosts()).toEqual(['B'])
  })
})

describe('the devices of a license', () => {
  beforeEach(async () => {
    fixture = await startFixture(PLAIN_MOUNT)
    await allow(true)
    licenseKey = await makeKey(fixture, { expiryDate: null, maxActivations: 10 })
  })
  afterEach(() => fixture.close())

  it('are nobody’s to see or free where the product does not say so, but the vendor’s', async () => {
    await allow(false)
    const device = await activateDevice(fixture, licenseKey, 'A')
    expectRefusal(await list(), ...FORBIDDEN)
    expectRefusal(await free(device), ...FORBIDDEN)
    expectRefusal(await free('act_unknown'), ...FORBIDDEN)
    expectRefusal(await app('/key/activate', { hostId: 'B', replaceDevice: device }), ...FORBIDDEN)
    expect(await hosts()).toEqual(['A'])

    expect((await vendor('/key/devices')).body.devices).toMatchObject([{ device }])
    expect((await vendor('/key/activate', { hostId: 'B', replaceDevice: device })).status).toBe(200)
    expect(await hosts()).toEqual(['B'])
    expectAnswer(await vendor('/key/devices/free', { device }), 200, FREED)
    expect(await hosts()).toEqual([])
  })

  it('are told apart from those of other licenses, products and accounts', async () => {
    const other = await makeKey(fixture)
    const theirs = await activateDevice(fixture, other, 'A')
    expectRefusal(await free(theirs), ...MISSING)
    expectRefusal(await app('/key/activate', { hostId: 'B', replaceDevice: theirs }), ...MISSING)
    const rival = await addAccount(fixture)
    for (const [path, fields] of [
      ['/key/devices', {}],
      ['/key/devices/free', { device: theirs }],
    ] as const) {
      const body = { productId: fixture.productId, licenseKey: other, ...fields }
      expectRefusal(await post(fixture, path, body, { token: rival.secret }), 404, 1, 'Invalid license key')
      const unknown = { ...body, licenseKey: UNKNOWN_KEY }
      expectRefusal(await post(fixture, path, unknown), 404, 1, 'Invalid license key')
    }
    expect((await fixture.licensing.licenses.get(other)).activations).toHaveLength(1)
  })

  it('cannot be freed of a blocked license, and are not counted then', async () => {
    const devices: string[] = []
    for (const hostId of ['A', 'B', 'C', 'D', 'E', 'F']) devices.push(await activateDevice(fixture, licenseKey, hostId))
    await fixture.licensing.licenses.block(licenseKey)
    for (const device of devices) expectRefusal(await free(device), 403, 2, 'License not activated')
    expect((await list()).body.devices).toHaveLength(6)
    await fixture.licensing.licenses.unblock(licenseKey)
    for (const device of devices.slice(1)) expectAnswer(await free(device), 200, FREED)
  })

  it('are named by what was listed, and by nothing else', async () => {
    await activateDevice(fixture, licenseKey, 'A')
    expectRefusal(await free('A'), ...MISSING)
    expectMalformed(await free(''), 'device')
    expectMalformed(await app('/key/devices/free', { device: ['A'] }), 'device')
    expectMalformed(await app('/key/devices', { hostId: '' }), 'hostId')
    expectMalformed(await app('/key/activate', { hostId: 'B', replaceDevice: 7 }), 'replaceDevice')
    expectRefusal(await app('/key/devices/free'), 400, 1, 'Missing required params')
    expect((await app('/key/activate', { hostId: 'B', replaceDevice: null })).status).toBe(200)
  })

  it('bound to a key are freed and replaced without it: that is what a lost device is', async () => {
    const key = createHostKey()
    await sendAsApp(fixture, '/key/activate', named(fixture, licenseKey, { hostId: 'lost' }), key)
    await sendAsApp(fixture, '/key/activate', named(fixture, licenseKey, { hostId: 'broken' }), key)
    const [broken, lost] = (await fixture.licensing.licenses.get(licenseKey)).activations
    expectAnswer(await free(lost?.id ?? ''), 200, FREED)
    const mine = createHostKey()
    const body = named(fixture, licenseKey, { hostId: 'new', replaceDevice: broken?.id })
    expect((await sendAsApp(fixture, '/key/activate', body, mine)).status).toBe(200)
    expect((await fixture.licensing.licenses.get(licenseKey)).activations).toMatchObject([
      { hostId: 'new', keys: [{ thumbprint: mine.thumbprint }] },
    ])
  })

  it('give nobody the license token of a host that is bound to a key', async () => {
    const body = named(fixture, licenseKey, { hostId: 'victim' })
    await sendAsApp(fixture, '/key/activate', body, createHostKey())
    const device = await activateDevice(fixture, licenseKey, 'A')
    const refused = await app('/key/activate', { hostId: 'victim', replaceDevice: device })
    expectRefusal(refused, 403, 2, 'Proof of possession required')
    expect(await hosts()).toEqual(['A', 'victim'])
  })

  it('give nobody that token either when the host comes in between', async () => {
    await fixture.close()
    const faults = faultyStorage()
    fixture = await startFixture(PLAIN_MOUNT, { storage: faults.storage })
    await allow(true)
    licenseKey = await makeKey(fixture, { expiryDate: null })
    const device = await activateDevice(fixture, licenseKey, 'A')
    // Another process gives the victim a slot once this one has found that it has none.
    faults.breakWrites('activations', async (goOn) => {
      faults.heal()
      const victim = newActivation('victim', { proofKey: createHostKey().thumbprint })
      const { accountId } = fixture.licensing
      const target = { canonicalKey: licenseKey, productId: fixture.productId }
      const claimed = await fixture.store.claimActivation(accountId, target, victim, { now: fixture.clock.now })
      expect(claimed.kind).toBe('created')
      return goOn()
    })
    const refused = await app('/key/activate', { hostId: 'victim', replaceDevice: device })
    expectRefusal(refused, 403, 2, 'Proof of possession required')
    expect(await hosts()).toEqual(['A', 'victim'])
  })

  it('are replaced by apps that show a key where the product asks for one', async () => {
    const device = await activateDevice(fixture, licenseKey, 'A')
    await fixture.licensing.products.update(fixture.productId, { requireProof: true })
    const refused = await app('/key/activate', { hostId: 'B', replaceDevice: device })
    expectRefusal(refused, 403, 2, 'Proof of possession required')
    expect(await hosts()).toEqual(['A'])
  })

  it('are not replaced by one of them', async () => {
    const device = await activateDevice(fixture, licenseKey, 'A')
    await activateDevice(fixture, licenseKey, 'B')
    expect((await app('/key/activate', { hostId: 'B', replaceDevice: device })).status).toBe(200)
    expect(await hosts()).toEqual(['A', 'B'])
  })
})

describe('how often devices may be freed', () => {
  const start = async (selfServiceFreesPerMonth?: number) => {
    fixture = await startFixture(
      PLAIN_MOUNT,
      selfServiceFreesPerMonth === undefined ? {} : { selfServiceFreesPerMonth },
    )
    await allow(true)
    licenseKey = await makeKey(fixture, { expiryDate: null })
  }
  afterEach(() => fixture.close())
  const freeNew = async (hostId: string) => free(await activateDevice(fixture, licenseKey, hostId))

  it('is five times in 30 days for a license, for its holder and not for the vendor', async () => {
    await start()
    for (const hostId of ['A', 'B', 'C', 'D', 'E']) expectAnswer(await freeNew(hostId), 200, FREED)
    const device = await activateDevice(fixture, licenseKey, 'F')
    const refused = await free(device)
    expect({ status: refused.status, code: refused.body.code }).toEqual({ status: 429, code: 3 })
    expect(refused.headers.get('Retry-After')).toBe(String(30 * 86_400))
    expect((await app('/key/activate', { hostId: 'G', replaceDevice: device })).status).toBe(429)
    expect(await hosts()).toEqual(['F'])
    expectAnswer(await vendor('/key/devices/free', { device }), 200, FREED)
    fixture.clock.now = new Date(fixture.clock.now.getTime() + 30 * DAY_MS)
    expectAnswer(await freeNew('H'), 200, FREED)
  })

  it('is what selfServiceFreesPerMonth says, replacing one device by another and another included', async () => {
    await start(2)
    const device = await activateDevice(fixture, licenseKey, 'A')
    expect((await app('/key/activate', { hostId: 'B', replaceDevice: device })).status).toBe(200)
    expect((await app('/key/activate', { hostId: 'C', replaceDevice: device })).status).toBe(200)
    expect((await app('/key/activate', { hostId: 'D', replaceDevice: device })).status).toBe(429)
    expect(await hosts()).toEqual(['C'])
  })

  it('counts a repeated request once', async () => {
    await start(2)
    const device = await activateDevice(fixture, licenseKey, 'A')
    const once = { headers: { 'Idempotency-Key': 'sold it' } }
    for (let count = 0; count < 4; count += 1) expectAnswer(await free(device, once), 200, FREED)
    expect((await free(device, once)).headers.get('Idempotent-Replayed')).toBe('true')
    expect((await freeNew('B')).status).toBe(200)
    expect((await freeNew('C')).status).toBe(429)
  })
})
