import { execFile } from 'node:child_process'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type BuildOptions, build as esbuild } from 'esbuild'
import { build as vite } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queuedOffline } from '../../src/client/words/deactivate-result'
import { type FakeLicenseServer, PUBLISHABLE_TOKEN, startLicenseServer } from '../client/fake-license-server'
import { LICENSE_KEY, PRODUCT_ID } from '../client/token-factory'
import { type Consumer, createConsumer, pack } from './consumer'
import { APP, type AppReport, appSetup, GOOD_LIFE } from './shipped-app'

/** An app that loses its own files once it runs, as under an update. */
const UPDATED_APP = `
import { rm } from 'node:fs/promises'
import { createLicenseKit, runUninstall } from 'keyslot/client'

async function main() {
  const { options, licenseKey } = JSON.parse(process.env.APP_SETUP)
  const kit = createLicenseKit(options)
  if (process.argv[2] === 'activate') return console.log((await kit.activate(licenseKey)).status)
  const before = (await kit.check()).status
  await rm(import.meta.dirname, { recursive: true })
  const life = [before, (await kit.refresh()).status, await kit.deactivate(), (await kit.check()).reason]
  const { exitCode } = await runUninstall(options)
  console.log(JSON.stringify({ life, exitCode }))
}
main()
`

/** An app at its usual start; prints which of Node's own modules that took. */
const STARTED = `
const { options } = JSON.parse(process.env.APP_SETUP)
createLicenseKit(options).check().then(() => console.log(process.moduleLoadList.join()))
`

/** Where a host's id comes from node-machine-id, and that from a program. */
const PRETEND_MAC = "Object.defineProperty(process, 'platform', { value: 'darwin' })"
/** The kit asks for the system's own program, wherever PATH points: this one stands where that would. */
const PRETEND_IOREG = `
import child_process from 'node:child_process'
import { syncBuiltinESMExports } from 'node:module'
import './pretend-mac.mjs'
const { exec } = child_process
child_process.exec = (command, ...rest) => exec(command.replace(/^ioreg/, process.env.IOREG), ...rest)
syncBuiltinESMExports()
`
const IOREG = `#!/bin/sh\necho '"IOPlatformUUID" = "0c0ffee0-1234-4321-abcd-0123456789ab"'\n`

let scratch: string
let consumer: Consumer
let server: FakeLicenseServer

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'keyslot-bundle-'))
  const { tarball } = await pack(scratch)
  consumer = await createConsumer(tarball)
  await consumer.write('app.mjs', APP.esm)
  await consumer.write('app.cjs', APP.cjs)
  await consumer.write('updated.mjs', UPDATED_APP)
  await consumer.write('pretend-mac.mjs', PRETEND_MAC)
  await consumer.write('pretend-ioreg.mjs', PRETEND_IOREG)
  await consumer.write('bin/ioreg', IOREG)
  await chmod(join(consumer.folder, 'bin/ioreg'), 0o755)
  server = await startLicenseServer()
  server.now = new Date()
}, 120_000)

afterAll(async () => {
  await consumer.remove()
  await rm(scratch, { recursive: true, force: true })
})

interface Form {
  readonly format: 'esm' | 'cjs'
  readonly extension: '.mjs' | '.cjs'
}

const ESM: Form = { format: 'esm', extension: '.mjs' }
const CJS: Form = { format: 'cjs', extension: '.cjs' }

async function byEsbuild(name: string, outdir: string, { format, extension }: Form, more: BuildOptions = {}) {
  await esbuild({
    entryPoints: [join(consumer.folder, `${name}.mjs`)],
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format,
    outdir,
    outExtension: { '.js': extension },
    logLevel: 'error',
    ...more,
  })
}

async function byVite(name: string, outDir: string, { format, extension }: Form) {
  const names = { entryFileNames: `[name]${extension}`, chunkFileNames: `[name]-[hash]${extension}` }
  await vite({
    root: consumer.folder,
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: { ssr: `${name}.mjs`, outDir, minify: 'esbuild', rollupOptions: { output: { format, ...names } } },
  })
}

/** Away from any `node_modules`, so that a bundle has to hold all it needs. */
async function outside(): Promise<string> {
  return await mkdtemp(join(scratch, 'app-'))
}

/** Runs a bundled app to its end; returns what it printed. */
async function run(file: string, dataDir: string, ...args: string[]): Promise<string> {
  return await runOn('pretend-mac.mjs', file, dataDir, ...args)
}

async function runOn(computer: string, file: string, dataDir: string, ...args: string[]): Promise<string> {
  const options = {
    serverUrl: server.url,
    productId: PRODUCT_ID,
    accessToken: PUBLISHABLE_TOKEN,
    trustedKeys: [server.key.jwk],
    dataDir,
  }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', join(consumer.folder, computer), file, ...args],
    {
      env: {
        PATH: process.env.PATH,
        IOREG: join(consumer.folder, 'bin/ioreg'),
        ...appSetup(options, LICENSE_KEY),
      },
      timeout: 60_000,
    },
  )
  return stdout.trim()
}

/** The app lives as it should, on a host it knows by its machine id. */
async function expectGoodLife(app: string): Promise<void> {
  const report: AppReport = JSON.parse(await runOn('pretend-ioreg.mjs', app, await outside()))
  expect(report).toMatchObject({ life: GOOD_LIFE, outcome: 'not-activated' })
  // In a container, the machine id is found but not used.
  expect([null, 'container']).toContain(report.machineIdProblem)
}

describe('an app that ships the kit', () => {
  it.each(['app.mjs', 'app.cjs'])(
    'unbundled, as %s: activates, checks, deactivates, and knows its host',
    async (app) => {
      await expectGoodLife(join(consumer.folder, app))
    },
  )

  it.each([
    ['start.mjs', "import { createLicenseKit } from 'keyslot/client'"],
    ['start.cjs', "const { createLicenseKit } = require('keyslot/client')"],
  ])('loads nothing for network or programs to check a license: %s', async (file, load) => {
    await consumer.write(file, `${load}\n${STARTED}`)
    const loaded = (await run(join(consumer.folder, file), await outside())).split(',')
    expect(loaded).toContain('NativeModule fs')
    for (const name of ['https', 'tls', 'child_process']) expect(loaded).not.toContain(`NativeModule ${name}`)
  })

  it.each<[string, Form, (folder: string) => Promise<void>]>([
    ['esbuild, an ES module', ESM, (folder) => byEsbuild('app', folder, ESM)],
    ['esbuild, ES modules', ESM, (folder) => byEsbuild('app', folder, ESM, { splitting: true })],
    ['esbuild, CommonJS', CJS, (folder) => byEsbuild('app', folder, CJS)],
    ['Vite (Rollup), ES modules', ESM, (folder) => byVite('app', folder, ESM)],
    ['Vite (Rollup), CommonJS', CJS, (folder) => byVite('app', folder, CJS)],
  ])('bundled by %s: the same', async (_, { extension }, bundle) => {
    const folder = await outside()
    await bundle(folder)
    await expectGoodLife(join(folder, `app${extension}`))
  })

  it('whose files are replaced under its running process keeps its word', async () => {
    const folder = await outside()
    const data = await outside()
    const app = join(folder, 'updated.mjs')
    await byEsbuild('updated', folder, ESM, { splitting: true })
    expect(await run(app, data, 'activate')).toBe('valid')
    expect(JSON.parse(await run(app, data))).toEqual({
      life: ['valid', 'valid', { ...queuedOffline(false) }, 'NO_LICENSE'],
      exitCode: 0,
    })
  })
})
