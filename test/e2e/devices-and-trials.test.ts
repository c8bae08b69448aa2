import { rm } from 'node:fs/promises'
import { createLicenseKit, type LicenseKit, type LicenseKitOptions } from 'keyslot/client'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { temporaryDir } from '../client/temporary-dir'
import { makeKey, PLAIN_MOUNT } from '../server/http/actions'
import { type Fixture, startFixture } from '../server/http/harness'

const DAY_MS = 86_400_000

let fixture: Fixture

beforeEach(async () => {
  await fixture?.close()
  fixture = await startFixture(PLAIN_MOUNT)
  // The kit takes the time from the answers too, which Node dates by the real clock.
  fixture.clock.now = new Date(Math.floor(Date.now() / 1000) * 1000)
  await fixture.licensing.products.update(fixture.productId, { selfService: true, trialSeconds: 14 * 86_400 })
})
afterAll(() => fixture.close())

/** The app on a computer of its own. */
async function computer(hostId: string, changes: Partial<LicenseKitOptions> = {}): Promise<LicenseKit> {
  return createLicenseKit({
    serverUrl: fixture.url,
    productId: fixture.productId,
    accessToken: fixture.publishable,
    trustedKeys: fixture.licensing.jwks.keys,
    appName: 'acme-editor',
    dataDir: await temporaryDir(),
    hostId,
    now: () => fixture.clock.now,
    maxTries: 1,
    ...changes,
  })
}

async function hostsOf(key: string): Promise<readonly string[]> {
  const { activations } = await fixture.licensing.licenses.get(key)
  return activations.map(({ hostId }) => hostId)
}

/** A license of two slots, both taken. */
async function twoDevices() {
  const key = await makeKey(fixture, { maxActivations: 2 })
  const [laptop, studio] = [await computer('host-laptop'), await computer('host-studio')]
  await laptop.activate(key, { deviceTag: "Ada's laptop" })
  fixture.clock.now = new Date(fixture.clock.now.getTime() + 60_000)
  await studio.activate(key)
  return { key, laptop, studio }
}

async function deviceOf(kit: LicenseKit): Promise<string> {
  const { devices } = await kit.devices()
  return devices.find(({ thisDevice }) => thisDevice)?.device ?? expect.fail('this device is not listed')
}

const revoked = { status: 'revoked', reason: 'ACTIVATION_REVOKED' }
const noLicense = { code: 'NOT_ACTIVATED' }
const notAllowed = { code: 'INSUFFICIENT_PERMISSIONS' }

describe('the devices of a license', () => {
  it('are listed, the latest first, and tell nothing that is not theirs to tell', async () => {
    const { key, studio } = await twoDevices()
    const { now } = fixture.clock
    const laptopSince = new Date(now.getTime() - 60_000)
    const common = { device: expect.any(String), resting: false }
    const users = (at: Date, thisUser: boolean) => [{ user: expect.any(String), since: at, lastSeenAt: at, thisUser }]
    expect(await studio.devices()).toEqual({
      maxActivations: 2,
      activations: 2,
      devices: [
        { ...common, deviceTag: null, activatedAt: now, lastSeenAt: now, thisDevice: true, users: users(now, true) },
        {
          ...common,
          deviceTag: "Ada's laptop",
          activatedAt: laptopSince,
          lastSeenAt: laptopSince,
          thisDevice: false,
          users: users(laptopSince, false),
        },
      ],
    })
    const newcomer = await computer('host-new')
    const seen = await newcomer.devices(key)
    expect(seen.devices.map(({ thisDevice }) => thisDevice)).toEqual([false, false])
    expect(JSON.stringify(seen)).not.toContain('host-')
  })

  it('are named where none is left, so that a person knows which to free', async () => {
    const { key } = await twoDevices()
    const newcomer = await computer('host-new')
    const day = fixture.clock.now.toISOString().slice(0, 10)
    const inUse = `In use on: a computer without a name (last seen ${day}), “Ada's laptop” (last seen ${day}).`
    await expect(newcomer.activate(key)).rejects.toMatchObject({
      code: 'ACTIVATION_LIMIT_REACHED',
      message: expect.stringContaining(inUse),
    })
    await fixture.licensing.products.update(fixture.productId, { selfService: false })
    await expect(newcomer.activate(key)).rejects.toMatchObject({
      code: 'ACTIVATION_LIMIT_REACHED',
      message: expect.not.stringContaining('In use on'),
    })
  })

  it('of no license: asks for a key', async () => {
    const kit = await computer('host-new')
    await expect(kit.devices()).rejects.toMatchObject(noLicense)
    await expect(kit.freeDevice('any')).rejects.toMatchObject(noLicense)
    await expect(kit.devices('AAAAA-BBBBB-CCCCC-DDDDD')).rejects.toMatchObject({ code: 'LICENSE_NOT_FOUND' })
  })

  it('are freed for another, and lose the license at their next contact', async () => {
    const { key, laptop, studio } = await twoDevices()
    const newcomer = await computer('host-new')
    await expect(newcomer.activate(key)).rejects.toMatchObject({ code: 'ACTIVATION_LIMIT_REACHED' })
    await newcomer.freeDevice(await deviceOf(laptop), key)
    expect(await newcomer.activate(key)).toMatchObject({ status: 'valid' })
    expect(await laptop.refresh()).toMatchObject(revoked)
    expect(await studio.refresh()).toMatchObject({ status: 'valid' })
    await expect(newcomer.freeDevice('no-such-device')).rejects.toMatchObject({ code: 'ACTIVATION_NOT_FOUND' })
  })

  it('are freed a few times a month, and then no more for a while', async () => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    let kit = await computer('host-0')
    await kit.activate(key)
    for (let i = 1; i <= 5; i++) {
      await kit.freeDevice(await deviceOf(kit))
      kit = await computer(`host-${i}`)
      await kit.activate(key)
    }
    const error = await kit.freeDevice(await deviceOf(kit)).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'RATE_LIMITED', detail: { retryAfterSeconds: 30 * 86_400 } })
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
  })

  it('are replaced in one step, which an activation of its own comes before', async () => {
    const { key, laptop, studio } = await twoDevices()
    const newcomer = await computer('host-new')
    const replaceDevice = await deviceOf(laptop)
    expect(await newcomer.activate(key, { replaceDevice })).toMatchObject({ status: 'valid' })
    expect([...(await hostsOf(key))].sort()).toEqual(['host-new', 'host-studio'])
    expect(await laptop.refresh()).toMatchObject(revoked)
    expect(await newcomer.refresh()).toMatchObject({ status: 'valid' })

    expect(await newcomer.activate(key, { replaceDevice: await deviceOf(studio) })).toMatchObject({ status: 'valid' })
    expect(await studio.refresh()).toMatchObject({ status: 'valid' })
    const missing = (await computer('host-more')).activate(key, { replaceDevice: 'no-such-device' })
    await expect(missing).rejects.toMatchObject({ code: 'ACTIVATION_NOT_FOUND' })
  })

  it('are nobody’s business where the vendor says so', async () => {
    const { key, laptop } = await twoDevices()
    const device = await deviceOf(laptop)
    await fixture.licensing.products.update(fixture.productId, { selfService: false })
    const newcomer = await computer('host-new')
    await expect(laptop.devices()).rejects.toMatchObject(notAllowed)
    await expect(laptop.freeDevice(device)).rejects.toMatchObject(notAllowed)
    await expect(newcomer.activate(key, { replaceDevice: device })).rejects.toMatchObject(notAllowed)
    expect(await laptop.refresh()).toMatchObject({ status: 'valid' })
  })
})

describe('a trial', () => {
  const HOST_IDS = ['A', 'B'].map((letter) => `h1.${letter.repeat(43)}`) as [string, string]

  it('is one for each host: started, gone on with after a reinstall, over when it is over', async () => {
    const endsAt = new Date(fixture.clock.now.getTime() + 14 * DAY_MS)
    const dataDir = await temporaryDir()
    const kit = await computer('host-a', { dataDir })
    const started = await kit.startTrial({ deviceTag: 'Studio', version: '2.1.0' })
    expect(started).toMatchObject({ status: 'valid', expiresAt: endsAt, license: { metadata: { trial: true } } })

    fixture.clock.now = new Date(fixture.clock.now.getTime() + 10 * DAY_MS)
    expect(await kit.refresh()).toMatchObject({ status: 'valid', expiresAt: endsAt })
    expect(await kit.startTrial()).toMatchObject({ expiresAt: endsAt })
    await rm(dataDir, { recursive: true })
    const reinstalled = await computer('host-a', { dataDir })
    expect(await reinstalled.check()).toMatchObject({ status: 'not-activated' })
    expect(await reinstalled.startTrial()).toMatchObject({ status: 'valid', expiresAt: endsAt })
    const other = await computer('host-b')
    const later = new Date(fixture.clock.now.getTime() + 14 * DAY_MS)
    expect(await other.startTrial()).toMatchObject({ expiresAt: later })

    fixture.clock.now = endsAt
    expect(await reinstalled.check()).toMatchObject({ status: 'expired', reason: 'LICENSE_EXPIRED' })
    await expect(reinstalled.startTrial()).rejects.toMatchObject({ code: 'LICENSE_EXPIRED' })
    expect(await reinstalled.activate(await makeKey(fixture, { expiryDate: null }))).toMatchObject({
      status: 'valid',
      expiresAt: null,
    })
  })

  it('goes with a host whose id changes', async () => {
    const dataDir = await temporaryDir()
    const { expiresAt } = await (await computer(HOST_IDS[0], { dataDir })).startTrial()
    fixture.clock.now = new Date(fixture.clock.now.getTime() + DAY_MS)
    const renamed = await computer(HOST_IDS[1], { dataDir })
    expect(await renamed.check()).toMatchObject({ status: 'wrong-host' })
    expect(await renamed.startTrial()).toMatchObject({ status: 'valid', expiresAt })
  })

  it('is given up like any license, and goes on to the same end when started again', async () => {
    const kit = await computer('host-a')
    const { expiresAt } = await kit.startTrial()
    expect(await kit.deactivate()).toMatchObject({ outcome: 'freed', persisted: true })
    fixture.clock.now = new Date(fixture.clock.now.getTime() + DAY_MS)
    expect(await kit.startTrial()).toMatchObject({ status: 'valid', expiresAt })
  })

  it('is not offered by every product, and takes nobody’s place', async () => {
    const kit = await computer('host-a')
    await fixture.licensing.products.update(fixture.productId, { trialSeconds: null })
    await expect(kit.startTrial()).rejects.toMatchObject({ code: 'TRIAL_NOT_OFFERED' })
    await expect(kit.startTrial({ replaceDevice: 'x' } as never)).rejects.toThrow(TypeError)
    expect(await kit.check()).toMatchObject({ status: 'not-activated' })
  })
})
