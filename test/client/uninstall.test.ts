import { once } from 'node:events'
import { readdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { createLicenseKit, runUninstall } from '../../src/client'
import { type FakeLicenseServer, PUBLISHABLE_TOKEN, startLicenseServer } from './fake-license-server'
import { compileScript } from './processes'
import { temporaryDir } from './temporary-dir'
import { HOST_ID, LICENSE_KEY, PRODUCT_ID } from './token-factory'

const appName = 'acme-editor'

async function activated(): Promise<{ server: FakeLicenseServer; dataDir: string }> {
  const server = await startLicenseServer()
  const dataDir = await temporaryDir()
  const kit = createLicenseKit({
    serverUrl: server.url,
    productId: PRODUCT_ID,
    accessToken: PUBLISHABLE_TOKEN,
    trustedKeys: [server.key.jwk],
    appName,
    dataDir,
    hostId: HOST_ID,
  })
  await kit.activate(LICENSE_KEY)
  return { server, dataDir }
}

async function timed<T>(work: Promise<T>): Promise<{ result: T; elapsedMs: number }> {
  const startedAt = performance.now()
  const result = await work
  return { result, elapsedMs: performance.now() - startedAt }
}

describe('runUninstall', () => {
  it('frees the slot with nothing but what the cache file says', async () => {
    const { server, dataDir } = await activated()
    expect(await runUninstall({ appName, dataDir })).toEqual({ outcome: 'freed', persisted: true, exitCode: 0 })
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
    expect(await runUninstall({ appName, dataDir })).toMatchObject({ outcome: 'not-activated', exitCode: 0 })
  })

  it.each<[string, FakeLicenseServer['fault']]>([
    ['a black hole', () => true],
    ['500', (response) => response.writeHead(500).end() !== undefined],
    ['a captive portal', (response) => response.end('<html>') !== undefined],
  ])('%s: over within three seconds, with a ticket left', async (_, fault) => {
    const { server, dataDir } = await activated()
    server.fault = fault
    const { result, elapsedMs } = await timed(runUninstall({ appName, dataDir }))
    expect(result).toEqual({ outcome: 'queued-offline', persisted: true, exitCode: 0 })
    expect(elapsedMs).toBeLessThan(3_100)
    expect(await readdir(dataDir)).toEqual([expect.stringMatching(/\.ticket$/)])
    server.fault = undefined
    await runUninstall({ appName, dataDir })
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
  })

  it('resolves whatever is wrong', async () => {
    const dataDir = await temporaryDir()
    const file = path.join(dataDir, 'license.json')
    const nothing = { outcome: 'not-activated', exitCode: 0 }
    expect(await runUninstall({ appName, dataDir })).toMatchObject(nothing)
    await writeFile(file, 'torn')
    expect(await runUninstall({ appName, dataDir })).toMatchObject(nothing)
    expect(await runUninstall({ appName, dataDir: path.join(file, 'below') })).toMatchObject(nothing)
    expect(await runUninstall({ appName: '../..', dataDir })).toMatchObject(nothing)
    expect(await runUninstall(undefined as never)).toMatchObject(nothing)
  })

  it('never speaks plain http to a host a cache file names', async () => {
    const { dataDir } = await activated()
    const { readFile } = await import('node:fs/promises')
    const file = path.join(dataDir, 'license.json')
    const record = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...record, serverUrl: 'http://192.0.2.1/licensing' }))
    let asked = 0
    const fetch = () => {
      asked++
      return Promise.reject(new Error('no network here'))
    }
    expect(await runUninstall({ appName, dataDir, fetch })).toMatchObject({ outcome: 'queued-offline' })
    expect(asked).toBe(0)
  })

  it('in an app started by an uninstaller: silent, exit code 0, slot freed', async () => {
    const { server, dataDir } = await activated()
    const app = await compileScript(`
      import { runUninstall, UNINSTALL_ARGUMENT } from '../../src/client'
      if (process.argv.includes(UNINSTALL_ARGUMENT)) {
        const { exitCode } = await runUninstall({ appName: 'acme-editor', dataDir: process.argv[2] })
        process.exit(exitCode)
      }
      process.exit(9)
    `)
    const child = app([dataDir, '--keyslot-deactivate'])
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    const [exitCode] = await once(child, 'close')
    expect([exitCode, output, server.activeHosts.size]).toEqual([0, '', 0])
  })
})
