import { createLicenseKit, type LicenseKit, type PublicJwk, runUninstall } from 'keyslot/client'
import { describe, expect, it } from 'vitest'
import { keyslotJson, type ServeLine, serve } from '../cli/keyslot-process'
import { scratchFolder, scratchStore } from '../cli/scratch-folder'
import { createKey, post, readKeyUse } from './wire'

const APP_NAME = 'keyslot-e2e'

async function createKit({ url, productId, publishableToken, jwks }: ServeLine, dataDir: string): Promise<LicenseKit> {
  const { keys } = (await (await fetch(jwks)).json()) as { keys: PublicJwk[] }
  return createLicenseKit({
    serverUrl: url,
    productId,
    accessToken: publishableToken,
    trustedKeys: keys,
    appName: APP_NAME,
    dataDir,
    // In a container whose folders go with it, a kit takes no slot without one.
    hostId: 'this-computer',
    maxTries: 1,
  })
}

describe('the client kit against keyslot serve, over HTTP', () => {
  it('lives a whole life: activated, offline, renewed, blocked, freed', async () => {
    const store = scratchStore()
    const dataDir = scratchFolder()
    const first = await serve(...store.args)
    const samePort = ['--port', new URL(first.line.url).port]
    const licenseKey = await createKey(first.line, 1)
    const kit = await createKit(first.line, dataDir)

    expect(await kit.check()).toMatchObject({ status: 'not-activated', usable: false })
    expect(await kit.activate(licenseKey)).toMatchObject({ status: 'valid', usable: true })
    const { hostId } = await kit.hostId()
    expect(await readKeyUse(first.line, licenseKey)).toEqual({ activations: 1, hostIds: [hostId] })
    const elsewhere = await post(first.line, '/key/activate', { licenseKey, hostId: 'elsewhere' })
    expect(elsewhere).toEqual({ status: 403, body: { message: 'Activation limit reached', code: 2 } })

    expect(await first.stop()).toBe(0)
    expect(await kit.check()).toMatchObject({ status: 'valid', persisted: true })
    expect(await kit.refresh()).toMatchObject({ status: 'valid' })

    const second = await serve(...store.args, ...samePort)
    const restarted = await createKit(second.line, dataDir)
    expect(await restarted.refresh()).toMatchObject({ status: 'valid' })
    await post(second.line, '/key/block', { licenseKey })
    expect(await restarted.check()).toMatchObject({ status: 'valid' })
    expect(await restarted.refresh()).toMatchObject({ status: 'revoked', usable: false })
    await post(second.line, '/key/unblock', { licenseKey })
    expect(await restarted.activate(licenseKey)).toMatchObject({ status: 'valid' })

    expect(await restarted.deactivate()).toMatchObject({ outcome: 'freed', persisted: true })
    expect(await restarted.check()).toMatchObject({ status: 'not-activated' })
    expect(await readKeyUse(second.line, licenseKey)).toEqual({ activations: 0, hostIds: [] })
    expect(await second.stop()).toBe(0)
  })

  it('frees the slot of an uninstall that happened offline, at the next contact', async () => {
    const store = scratchStore()
    const dataDir = scratchFolder()
    const first = await serve(...store.args)
    const licenseKey = await createKey(first.line, 1)
    await (await createKit(first.line, dataDir)).activate(licenseKey)
    expect(await first.stop()).toBe(0)

    const uninstall = ['deactivate', '--app-name', APP_NAME, '--data-dir', dataDir, '--timeout-ms', '1500']
    expect(await keyslotJson(...uninstall)).toMatchObject({ outcome: 'queued-offline', persisted: true })

    const second = await serve(...store.args, '--port', new URL(first.line.url).port)
    expect((await readKeyUse(second.line, licenseKey)).activations).toBe(1)
    await (await createKit(second.line, dataDir)).refresh()
    expect((await readKeyUse(second.line, licenseKey)).activations).toBe(0)
    expect(await runUninstall({ appName: APP_NAME, dataDir })).toMatchObject({ outcome: 'not-activated', exitCode: 0 })
    expect(await second.stop()).toBe(0)
  })

  it('frees the slot at once when the uninstaller can reach the server', async () => {
    const server = await serve('--storage', 'memory')
    const dataDir = scratchFolder()
    const licenseKey = await createKey(server.line, 1)
    await (await createKit(server.line, dataDir)).activate(licenseKey)
    const uninstall = ['deactivate', '--app-name', APP_NAME, '--data-dir', dataDir]
    expect(await keyslotJson(...uninstall)).toMatchObject({ outcome: 'freed', persisted: true })
    expect((await readKeyUse(server.line, licenseKey)).activations).toBe(0)
    expect(await server.stop()).toBe(0)
  })
})
