import { strict as assert } from 'node:assert'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Installation } from './installation'
import type { Vendor } from './vendor'

/** The key of RFC 8037's examples. */
const STRANGER = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const
const DAY_MS = 86_400_000

/** What the parts of a life happen to. */
export interface Scene {
  readonly app: Installation
  readonly vendor: Vendor
  /** The app's data folder, as this computer names it. */
  readonly dataDir: string
  /** An empty folder. */
  readonly scratch: string
}

/** The life of a license, part by part. Each is told by its name, and none needs what another left. */
export const LIFE: Readonly<Record<string, (scene: Scene) => Promise<void>>> = {
  'activates, checks offline, refreshes, deactivates': async ({ app, vendor }) => {
    const licenseKey = await vendor.createKey()
    await app.expect(['check', 'activate', 'check'], 'not-activated, valid, valid', { licenseKey })
    await unreachable(vendor, async () => {
      await app.expect(['check', 'refresh'], 'valid, valid')
    })
    await app.expect(['refresh', 'reach'], 'valid, ok')
    await app.expect(['reach'], 'unreachable ECONNREFUSED', { options: { serverUrl: vendor.closedUrl } })
    await app.expect(['activate'], 'ACTIVATION_LIMIT_REACHED', { licenseKey, options: { hostId: 'another-computer' } })
    await app.expect(['deactivate', 'check'], 'freed, not-activated')
    assert.equal(await vendor.taken(licenseKey), 0)
  },

  'knows a copied folder and a forged license': async ({ app, vendor, dataDir, scratch }) => {
    const licenseKey = await vendor.createKey()
    await app.expect(['activate'], 'valid', { licenseKey })
    const copied = join(scratch, 'copied')
    await cp(dataDir, copied, { recursive: true })
    const copy = { dataDir: app.stage.pathOf(copied) }
    await app.expect(['check'], 'wrong-host', { options: { ...copy, hostId: 'another-computer' } })
    await app.expect(['check'], 'grace', { options: copy, clockAheadMs: 15 * DAY_MS })
    await app.expect(['check'], 'expired', { options: copy, clockAheadMs: 22 * DAY_MS })
    await alterToken(join(copied, 'license.json'))
    await app.expect(['check'], 'untrusted', { options: copy })
    await app.expect(['check'], 'untrusted', { options: { trustedKeys: [STRANGER] } })
    await app.expect(['check', 'deactivate'], 'valid, freed')
  },

  'is uninstalled, online and offline': async ({ app, vendor }) => {
    const licenseKey = await vendor.createKey()
    await app.expect(['activate', 'uninstall', 'check'], 'valid, freed, not-activated', { licenseKey })
    await app.expect(['activate'], 'valid', { licenseKey })
    await unreachable(vendor, () => app.expect(['uninstall', 'check'], 'queued-offline, not-activated'))
    assert.equal(await vendor.taken(licenseKey), 1)
    await app.expect(['refresh'], 'not-activated')
    assert.equal(await vendor.taken(licenseKey), 0)
  },

  'is one host, however many start at once': async ({ app, vendor }) => {
    const licenseKey = await vendor.createKey()
    const starts = Array.from({ length: 3 }, () => app.start(['activate', 'check'], { licenseKey }))
    for (const { said } of await Promise.all(starts)) assert.deepEqual(said, ['valid', 'valid'])
    await app.expect(['deactivate'], 'freed')
  },

  'takes, renews and gives back a seat of a floating license': async ({ app, vendor }) => {
    await app.expect([{ float: await vendor.createFloatingKey() }], 'held renewed freed ended')
  },

  'takes a license file, offline, and knows a clock turned back': async ({ app, vendor, scratch }) => {
    const licenseKey = await vendor.createKey()
    const [request, file] = [join(scratch, 'request.json'), join(scratch, 'license.lic')]
    await unreachable(vendor, async () => {
      await app.start([{ request: app.stage.pathOf(request) }], { licenseKey })
      const { hostId } = JSON.parse(await readFile(request, 'utf8'))
      await writeFile(file, await vendor.sign(licenseKey, hostId))
      await app.expect([{ import: app.stage.pathOf(file) }, 'check'], 'valid, valid')
      // No server has told the time, which the file is of.
      await app.expect(['check'], 'clock-tampered', { clockAheadMs: -10 * DAY_MS })
    })
    await app.expect(['check', 'deactivate'], 'valid, freed')
  },

  'says that it runs in CI': async ({ app, vendor, scratch }) => {
    const dataDir = join(scratch, 'ci')
    await mkdir(dataDir)
    const options = { dataDir: app.stage.pathOf(dataDir), hostId: undefined }
    const licenseKey = await vendor.createKey()
    const { warnings } = await app.start(['activate'], { licenseKey, options, env: { CI: 'true' } })
    assert.deepEqual(warnings, ['KEYSLOT_CI_RUNNER'])
  },
}

async function unreachable(vendor: Vendor, work: () => Promise<void>): Promise<void> {
  vendor.reachable = false
  await work().finally(() => {
    vendor.reachable = true
  })
}

/** Changes what a license token says, and leaves its signature. */
async function alterToken(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const altered = text.replace(/eyJ[\w-]+\.([\w-]+)\./, (token, payload: string) => {
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...claims, exp: claims.exp + 1 })).toString('base64url')
    return token.replace(payload, forged)
  })
  assert.notEqual(altered, text)
  await writeFile(file, altered)
}
