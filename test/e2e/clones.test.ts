import { cp } from 'node:fs/promises'
import { createLicenseKit, type LicenseKit, type LicenseKitOptions, type PublicJwk } from 'keyslot/client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scratchFolder } from '../cli/scratch-folder'
import { makeKey, PLAIN_MOUNT } from '../server/http/actions'
import { type Fixture, startFixture } from '../server/http/harness'

const DAY_MS = 86_400_000

let fixture: Fixture
let licenseKey: string

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  // The `Date` of its answers is the true one.
  fixture.clock.now = new Date()
  licenseKey = await makeKey(fixture, { expiryDate: null })
})
afterEach(() => fixture.close())

/** The app on a computer, with the data folder of another one where it is a copy. */
async function computer(copied?: string): Promise<{ readonly dataDir: string; readonly kit: LicenseKit }> {
  const dataDir = scratchFolder()
  if (copied !== undefined) await cp(copied, dataDir, { recursive: true })
  return { dataDir, kit: start(dataDir) }
}

function start(dataDir: string, more: Partial<LicenseKitOptions> = {}): LicenseKit {
  return createLicenseKit({
    serverUrl: fixture.url,
    productId: fixture.productId,
    accessToken: fixture.publishable,
    trustedKeys: fixture.licensing.jwks.keys as PublicJwk[],
    appName: 'keyslot-clones',
    hostId: 'host',
    dataDir,
    now: () => fixture.clock.now,
    maxTries: 1,
    ...more,
  })
}

function wait(ms = DAY_MS): void {
  fixture.clock.now = new Date(fixture.clock.now.getTime() + ms)
}

async function clones() {
  const { license } = await fixture.licensing.licenses.get(licenseKey)
  const { items } = await fixture.licensing.events.list({ licenseId: license.id }, { limit: 100 })
  return items.filter(({ type }) => type === 'license.cloned')
}

/** A host that is in use, and a copy of it; each is renewed, and so is the host once more. */
async function forked(): Promise<readonly [LicenseKit, LicenseKit]> {
  const { kit, dataDir } = await computer()
  await kit.activate(licenseKey)
  wait()
  await kit.refresh()
  const { kit: copy } = await computer(dataDir)
  wait()
  await kit.refresh()
  wait()
  expect(await copy.refresh()).toMatchObject({ status: 'valid' })
  expect(await clones()).toEqual([])
  wait()
  return [kit, copy]
}

describe('a host and its copy', () => {
  it('are seen once both have renewed, and told of; both go on', async () => {
    const heard: unknown[] = []
    fixture.licensing.on('license.cloned', (event) => heard.push(event.data))
    const [kit, copy] = await forked()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    const data = { productId: fixture.productId, hostId: 'host' }
    expect(await clones()).toMatchObject([{ data, actor: { address: '127.0.0.1' } }])
    expect(heard).toEqual([data])
    expect(await copy.refresh()).toMatchObject({ status: 'valid' })
    expect(await clones()).toHaveLength(1)
  })

  it('must both activate again where the product says so', async () => {
    await fixture.licensing.products.update(fixture.productId, { onClone: 'reactivate' })
    const [kit, copy] = await forked()
    const refused = { status: 'revoked', reason: 'HOST_CLONED', usable: false }
    expect(await kit.refresh()).toMatchObject(refused)
    expect(await copy.refresh()).toMatchObject(refused)
    expect(await clones()).toHaveLength(1)
    // Neither comes back by asking.
    for (const one of [kit, copy]) {
      wait()
      expect(await one.start()).toMatchObject({ ...refused, refreshDue: false })
      expect(await one.refresh()).toMatchObject(refused)
    }
    expect(await kit.activate()).toMatchObject({ status: 'valid' })
    wait()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await copy.check()).toMatchObject(refused)
    wait()
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect((await fixture.licensing.licenses.get(licenseKey)).license.activationCount).toBe(1)
  })
})

describe('no copy is', () => {
  it('a host with several processes, which share one folder', async () => {
    const { kit, dataDir } = await computer()
    await kit.activate(licenseKey)
    const kits = [kit, start(dataDir), start(dataDir)]
    for (let day = 0; day < 10; day++) {
      wait()
      await Promise.all(kits.map((one) => one.refresh()))
      for (const one of kits) {
        wait(10 * 60_000)
        expect(await one.refresh()).toMatchObject({ status: 'valid' })
      }
    }
    expect(await clones()).toEqual([])
  })

  it('a host whose answers are lost', async () => {
    const { kit, dataDir } = await computer()
    await kit.activate(licenseKey)
    const lossy = start(dataDir, {
      async fetch(url, init) {
        await fetch(url, init)
        throw new TypeError('lost')
      },
    })
    for (let day = 0; day < 10; day++) {
      wait()
      await lossy.refresh()
      wait(10 * 60_000)
      if (day % 3 === 0) expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    }
    expect(await clones()).toEqual([])
  })
})
