import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createLicenseKit, type LicenseKit, type LicenseKitOptions, runUninstall } from 'keyslot/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProof, createProofKey } from '../../src/client/wire/proof'
import { temporaryDir } from '../client/temporary-dir'
import { activateHost, expectRefusal, makeKey, named, PLAIN_MOUNT, post } from '../server/http/actions'
import { type Fixture, startFixture, type WireAnswer } from '../server/http/harness'

const DAY_MS = 86_400_000
const appName = 'acme-editor'
const HOST_ID = 'studio-mac'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  // The kit takes the time from the answers too, which Node dates by the real clock.
  fixture.clock.now = new Date()
})
afterAll(() => fixture.close())

/** The app started anew, in this folder. */
function start(dataDir: string, changes: Partial<LicenseKitOptions> = {}): LicenseKit {
  return createLicenseKit({
    serverUrl: fixture.url,
    productId: fixture.productId,
    accessToken: fixture.publishable,
    trustedKeys: fixture.licensing.jwks.keys,
    appName,
    dataDir,
    hostId: HOST_ID,
    maxTries: 1,
    ...changes,
  })
}

/** A license with this many slots, in use on a host of its own folder. */
async function activated(maxActivations = 1) {
  const key = await makeKey(fixture, { maxActivations })
  const dataDir = await temporaryDir()
  const kit = start(dataDir)
  expect(await kit.activate(key)).toMatchObject({ status: 'valid' })
  return { key, dataDir, kit }
}

async function hostsOf(key: string): Promise<readonly string[]> {
  const { activations } = await fixture.licensing.licenses.get(key)
  return activations.map(({ hostId }) => hostId)
}

const recordIn = (dataDir: string) => path.join(dataDir, 'license.json')

describe('a clock that is days off', () => {
  it.each([-10, 10])('%i days: activates, renews and frees all the same', async (days) => {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const tries: string[] = []
    const kit = start(await temporaryDir(), {
      now: () => new Date(Date.now() + days * DAY_MS),
      async fetch(url, init) {
        const answer = await globalThis.fetch(url, init)
        if (init.method === 'POST') tries.push(`${new URL(url).pathname} ${answer.status}`)
        return answer
      },
    })
    await kit.activate(key)
    expect(await hostsOf(key)).toEqual([HOST_ID])
    await kit.refresh()
    expect(await kit.deactivate()).toMatchObject({ outcome: 'freed', persisted: true })
    expect(await hostsOf(key)).toEqual([])
    expect(tries).toEqual([
      '/licensing/key/activate 401',
      '/licensing/key/activate 200',
      '/licensing/key/validate 200',
      '/licensing/key/deactivate 200',
    ])
  })
})

describe('whoever knows license key, hostId and publishable token, but has not the key', () => {
  const attempt = (route: string, body: Record<string, unknown>, headers: Record<string, string> = {}) =>
    post(fixture, route, { productId: fixture.productId, ...body }, { token: fixture.publishable, headers })

  const proofOf = (route: string, key = createProofKey()) => ({
    DPoP: createProof(key, {
      url: fixture.url + route,
      accessToken: fixture.publishable,
      now: fixture.clock.now,
      nonce: undefined,
    }),
  })

  const expectProofRequired = (answer: WireAnswer) => expectRefusal(answer, 403, 2, 'Proof of possession required')

  it('gets no token, frees no slot and takes none over', async () => {
    const { key, kit } = await activated()
    const host = { licenseKey: key, hostId: HOST_ID }
    for (const route of ['/key/validate', '/key/deactivate', '/key/activate']) {
      expectProofRequired(await attempt(route, host))
    }
    for (const route of ['/key/validate', '/key/deactivate']) {
      expectProofRequired(await attempt(route, host, proofOf(route)))
    }
    const elsewhere = { licenseKey: key, hostId: 'thief', previousHostIds: [HOST_ID] }
    for (const headers of [{}, proofOf('/key/activate')]) {
      expectRefusal(await attempt('/key/activate', elsewhere, headers), 403, 2, 'Activation limit reached')
    }
    expect(await hostsOf(key)).toEqual([HOST_ID])
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })
  })

  it('has nothing from a proof overheard: it is good once, and for its route alone', async () => {
    const { key, dataDir } = await activated()
    const overheard: Record<string, string>[] = []
    const kit = start(dataDir, {
      fetch(url, init) {
        if (init.method === 'POST') overheard.push(init.headers)
        return globalThis.fetch(url, init)
      },
    })
    await kit.refresh()
    const { dpop = '' } = overheard[0] ?? {}
    for (const route of ['/key/validate', '/key/deactivate']) {
      const answer = await attempt(route, { licenseKey: key, hostId: HOST_ID }, { dpop })
      expectRefusal(answer, 401, 1, 'Invalid proof of possession')
    }
    expect(await hostsOf(key)).toEqual([HOST_ID])
  })
})

describe('a host bound to a key', () => {
  it('that is installed anew, its data gone, is bound anew and takes no second slot', async () => {
    const { key, dataDir } = await activated()
    await rm(dataDir, { recursive: true })
    const reinstalled = start(dataDir)
    expect(await reinstalled.check()).toMatchObject({ status: 'not-activated' })
    expect(await reinstalled.activate(key)).toMatchObject({ status: 'valid' })
    expect(await reinstalled.refresh()).toMatchObject({ status: 'valid' })
    expect(await hostsOf(key)).toEqual([HOST_ID])
  })

  it('and restored from a backup of before, goes on with the key it had, and so does what was installed meanwhile', async () => {
    const { key, dataDir } = await activated()
    const backup = await temporaryDir()
    await cp(recordIn(dataDir), recordIn(backup))
    await rm(recordIn(dataDir))
    await start(dataDir).activate(key)

    const restored = start(backup)
    expect(await restored.check()).toMatchObject({ status: 'valid' })
    expect(await restored.refresh()).toMatchObject({ status: 'valid' })
    expect(await start(dataDir).refresh()).toMatchObject({ status: 'valid' })
    expect(await restored.activate(key)).toMatchObject({ status: 'valid' })
    expect(await hostsOf(key)).toEqual([HOST_ID])
  })

  it('keeps its key when the license key is typed in another case', async () => {
    const { key, dataDir, kit } = await activated()
    const { proofKey } = JSON.parse(await readFile(recordIn(dataDir), 'utf8'))
    expect(await kit.activate(` ${key.toLowerCase()}\n`)).toMatchObject({ status: 'valid' })
    expect(JSON.parse(await readFile(recordIn(dataDir), 'utf8'))).toMatchObject({ proofKey })
  })

  it('frees its slot by a ticket, though its clock is days off by then', async () => {
    const { key, dataDir } = await activated()
    const offline = { fetch: () => Promise.reject(new Error('offline')) }
    expect(await runUninstall({ appName, dataDir, ...offline })).toMatchObject({ outcome: 'queued-offline' })
    expect(await hostsOf(key)).toEqual([HOST_ID])
    await start(dataDir, { now: () => new Date(Date.now() - 10 * DAY_MS) }).refresh()
    expect(await hostsOf(key)).toEqual([])
  })

  it('frees its slot by an uninstaller', async () => {
    const { key, dataDir } = await activated()
    expect(await runUninstall({ appName, dataDir })).toMatchObject({ outcome: 'freed' })
    expect(await hostsOf(key)).toEqual([])
  })
})

describe('an activation of before there were keys', () => {
  /** As an older version of the kit left it. */
  async function activatedWithoutKey() {
    const key = await makeKey(fixture, { maxActivations: 1 })
    const { body } = await activateHost(fixture, key, HOST_ID)
    const dataDir = await temporaryDir()
    const seconds = Math.floor(fixture.clock.now.getTime() / 1000)
    const record = {
      version: 1,
      serverUrl: fixture.url,
      allowPlainHttp: false,
      productId: fixture.productId,
      accessToken: fixture.publishable,
      licenseKey: key,
      licenseToken: body.licenseToken,
      hostId: HOST_ID,
      highestTimeSeen: seconds,
      provenTime: seconds,
    }
    await writeFile(recordIn(dataDir), JSON.stringify(record))
    return { key, dataDir }
  }

  it('goes on, and is bound when it is activated again, once its tokens of before have ended', async () => {
    const { key, dataDir } = await activatedWithoutKey()
    expect(await start(dataDir).refresh()).toMatchObject({ status: 'valid' })
    expect(await start(dataDir).activate(key)).toMatchObject({ status: 'valid' })
    const validate = () =>
      post(fixture, '/key/validate', named(fixture, key, { hostId: HOST_ID }), { token: fixture.publishable })
    expect((await validate()).body).toMatchObject({ valid: true })
    const [held] = (await fixture.licensing.licenses.get(key)).activations
    fixture.clock.now = held?.keylessEndAt ?? fixture.clock.now
    expectRefusal(await validate(), 403, 2, 'Proof of possession required')
    fixture.clock.now = new Date()
    expect(await start(dataDir).refresh()).toMatchObject({ status: 'valid' })
  })

  it('is bound at its next contact where the product asks for proofs, unless it has lost its slot', async () => {
    const [kept, freed] = [await activatedWithoutKey(), await activatedWithoutKey()]
    await post(fixture, '/key/deactivate', named(fixture, freed.key, { hostId: HOST_ID }))
    await fixture.licensing.products.update(fixture.productId, { requireProof: true })
    try {
      expect(await start(kept.dataDir).refresh()).toMatchObject({ status: 'valid' })
      expect(await start(kept.dataDir).refresh()).toMatchObject({ status: 'valid' })
      expect(await hostsOf(kept.key)).toEqual([HOST_ID])
      expect((await start(freed.dataDir).refresh()).lastContact?.code).toMatch(/^ACTIVATION_/)
      expect(await hostsOf(freed.key)).toEqual([])
    } finally {
      await fixture.licensing.products.update(fixture.productId, { requireProof: false })
    }
  })
})
