import { createLicenseKit } from 'keyslot/client'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { temporaryDir } from '../client/temporary-dir'
import { makeKey, PLAIN_MOUNT } from '../server/http/actions'
import { createApp, serveApps } from '../server/http/authtool-app'
import { type Fixture, startFixture } from '../server/http/harness'

let fixture: Fixture

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  fixture.clock.now = new Date()
  await serveApps(fixture)
})
afterEach(() => fixture.close())

it('an app that leaves AuthTool takes over its slot with the kit, as docs/authtool-client.md says', async () => {
  const uid = 'C4A1F6E2-58B0-4D7C-9E53-0A6D2B7F81C9'
  const [old, licenseKey] = [createApp(fixture), await makeKey(fixture, { maxActivations: 1 })]
  expect((await old.login(uid, licenseKey)).status).toBe(200)

  const { said } = await old.check(uid)
  const kit = createLicenseKit({
    serverUrl: fixture.url,
    productId: fixture.productId,
    accessToken: fixture.publishable,
    trustedKeys: fixture.licensing.jwks.keys,
    appName: 'acme-editor',
    dataDir: await temporaryDir(),
    hostId: uid,
  })
  expect(await kit.activate(String(said.key))).toMatchObject({ status: 'valid' })
  const { license, activations } = await fixture.licensing.licenses.get(licenseKey)
  expect(license.activationCount).toBe(1)
  expect(activations).toMatchObject([{ hostId: uid, keys: [expect.any(Object)] }])
  expect(await old.check(uid)).toMatchObject({ status: 404, said: { message: 'Device not found' } })

  await fixture.licensing.products.update(fixture.productId, { requireProof: true })
  expect((await old.login(uid, licenseKey)).status).toBe(403)
  await fixture.licensing.products.update(fixture.productId, { authtoolClient: null })
  expect((await old.package()).status).toBe(404)
  expect(await kit.refresh()).toMatchObject({ status: 'valid' })
})
