import { createLicenseKit, runUninstall } from 'keyslot/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { keyslotJson } from '../cli/keyslot-process'
import { temporaryDir } from '../client/temporary-dir'
import { makeKey, PLAIN_MOUNT } from '../server/http/actions'
import { type Fixture, startFixture } from '../server/http/harness'

const appName = 'acme-editor'

let fixture: Fixture
let licenseKey: string

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  fixture.clock.now = new Date()
  licenseKey = await makeKey(fixture, { maxActivations: 1 })
})
afterEach(() => fixture.close())

/** A user of the one computer, with the license activated in a folder of their own. */
async function user(online = true) {
  const dataDir = await temporaryDir()
  const start = (fetch: typeof globalThis.fetch) =>
    createLicenseKit({
      serverUrl: fixture.url,
      productId: fixture.productId,
      accessToken: fixture.publishable,
      trustedKeys: fixture.licensing.jwks.keys,
      appName,
      dataDir,
      hostId: 'family-computer',
      maxTries: 1,
      fetch: (url, init) => fetch(url, init),
    })
  const kit = start(globalThis.fetch)
  await kit.activate(licenseKey)
  const offline = start(() => Promise.reject(new TypeError('no network')))
  return { kit: online ? kit : offline, dataDir }
}
const hosts = async () => (await fixture.licensing.licenses.get(licenseKey)).activations.map(({ hostId }) => hostId)

describe('the parent, who was there first,', () => {
  it('leaves the license to the child by uninstalling, and is told so', async () => {
    const [parent, child] = [await user(), await user()]
    expect(await runUninstall({ appName, dataDir: parent.dataDir })).toEqual({
      outcome: 'kept-by-others',
      message: 'Other users of this computer go on using the license.',
      persisted: true,
      releaseAt: null,
      exitCode: 0,
    })
    expect(await child.kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await hosts()).toEqual(['family-computer'])
  })

  it('takes it along for all', async () => {
    const [parent, child] = [await user(), await user()]
    const told = await parent.kit.deactivate({ forAll: true })
    expect(told).toMatchObject({ outcome: 'freed', message: 'The license is free for another computer.' })
    expect(await hosts()).toEqual([])
    expect(await child.kit.refresh()).not.toMatchObject({ status: 'valid' })
  })

  it.each(['uninstaller', 'command'])('takes it along by the %s too', async (how) => {
    const [parent] = [await user(), await user()]
    const args = ['deactivate', '--app-name', appName, '--data-dir', parent.dataDir, '--for-all', '--json']
    const result =
      how === 'command' ? keyslotJson(...args) : runUninstall({ appName, dataDir: parent.dataDir, forAll: true })
    expect(await result).toMatchObject({ outcome: 'freed', releaseAt: null })
    expect(await hosts()).toEqual([])
  })

  it('takes it along later where the network is away', async () => {
    const parent = await user(false)
    await user()
    expect(await parent.kit.deactivate({ forAll: true })).toMatchObject({
      outcome: 'queued-offline',
      message: 'The license is given up at the next contact with the license server.',
      persisted: true,
    })
    expect(await hosts()).toEqual(['family-computer'])
    await runUninstall({ appName, dataDir: parent.dataDir })
    expect(await hosts()).toEqual([])
  })
})

describe('the junior', () => {
  it.each([true, false])(
    'who gives it up (for all: %s) is told from when it is free, and harms nobody',
    async (forAll) => {
      const [parent, junior] = [await user(), await user()]
      const told = await junior.kit.deactivate({ forAll })
      const [held] = (await fixture.licensing.licenses.get(licenseKey)).activations
      const day = held?.releaseAt?.toISOString().slice(0, 10)
      expect(told).toEqual({
        outcome: 'release-pending',
        message: `The license is free for another computer unless others use it on this one until ${day}.`,
        persisted: true,
        releaseAt: held?.releaseAt,
      })
      expect(await parent.kit.refresh()).toMatchObject({ status: 'valid' })
      expect((await fixture.licensing.licenses.get(licenseKey)).activations[0]?.releaseAt).toBeNull()
    },
  )
})

describe('deactivate', () => {
  it('refuses an option that it does not know, before it gives anything up', async () => {
    const { kit } = await user()
    await expect(kit.deactivate({ forall: true } as object)).rejects.toThrow('unknown option: forall')
    expect(await hosts()).toEqual(['family-computer'])
  })

  it('says where there is nothing to give up', async () => {
    const { kit } = await user()
    await kit.deactivate()
    const told = await kit.deactivate()
    expect(told).toMatchObject({ outcome: 'not-activated', message: 'No license is activated on this computer.' })
  })
})
