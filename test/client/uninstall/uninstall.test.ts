import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { createLicenseKit, runUninstall } from '../../../src/client'
import { type FakeLicenseServer, PUBLISHABLE_TOKEN, startLicenseServer } from '../fake-license-server'
import { printFigures } from '../figures'
import { compileFile } from '../processes'
import { temporaryDir } from '../temporary-dir'
import { HOST_ID, LICENSE_KEY, PRODUCT_ID } from '../token-factory'

const appName = 'acme-editor'

const figures = { uninstallers: 0, failed: 0, talked: 0, longestMs: 0, longestProcessMs: 0 }

printFigures('C09', figures)

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
    expect(await runUninstall({ appName, dataDir })).toMatchObject({ outcome: 'freed', persisted: true, exitCode: 0 })
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
    expect(await runUninstall({ appName, dataDir })).toMatchObject({ outcome: 'not-activated', exitCode: 0 })
  })

  it.each<[string, FakeLicenseServer['fault']]>([
    ['a black hole', () => true],
    ['500', (response) => response.writeHead(500).end() !== undefined],
    ['a captive portal', (response) => response.end('<html>') !== undefined],
  ])('%s: over within the time given, with a ticket left', async (_, fault) => {
    const { server, dataDir } = await activated()
    server.fault = fault
    const { result, elapsedMs } = await timed(runUninstall({ appName, dataDir, timeoutMs: 1_000 }))
    expect(result).toMatchObject({ outcome: 'queued-offline', persisted: true, exitCode: 0 })
    expect(elapsedMs).toBeLessThan(2_500)
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
})

describe('an app started by an uninstaller', () => {
  const UNINSTALLER = `
    import { writeFileSync } from 'node:fs'
    import { runUninstall, UNINSTALL_ARGUMENT } from '../../src/client'
    const [, , dataDir, report] = process.argv
    if (process.argv.includes(UNINSTALL_ARGUMENT)) {
      const startedAt = performance.now()
      const { exitCode } = await runUninstall({ appName: 'acme-editor', dataDir })
      writeFileSync(report, String(performance.now() - startedAt))
      process.exit(exitCode)
    }
    process.exit(9)
  `
  const MAX_MS = 3_100
  /** What starting and ending a process takes on a busy machine. */
  const MAX_OVERHEAD_MS = 5_000

  let script: string

  beforeAll(async () => {
    script = await compileFile(UNINSTALLER)
    await chmod(path.dirname(script), 0o755)
  })

  interface Run {
    readonly exitCode: number | null
    readonly output: string
    /** Of the work alone. */
    readonly workMs: number
    /** From starting the process to its end. */
    readonly totalMs: number
  }

  async function uninstall(dataDir: string, prefix: readonly string[] = []): Promise<Run> {
    const report = path.join(await temporaryDir(), 'ms')
    await writeFile(report, '')
    for (const [file, mode] of [
      [path.dirname(report), 0o755],
      [report, 0o666],
    ] as const)
      await chmod(file, mode)
    const startedAt = performance.now()
    const [program = '', ...args] = [...prefix, process.execPath, script, dataDir, report, '--keyslot-deactivate']
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    }
    await once(child, 'close')
    const totalMs = performance.now() - startedAt
    const workMs = Number(await readFile(report, 'utf8'))
    figures.uninstallers++
    if (child.exitCode !== 0) figures.failed++
    if (output !== '') figures.talked++
    figures.longestMs = Math.round(Math.max(figures.longestMs, workMs))
    figures.longestProcessMs = Math.round(Math.max(figures.longestProcessMs, totalMs))
    return { exitCode: child.exitCode, output, workMs, totalMs }
  }

  function expectQuick({ exitCode, output, workMs, totalMs }: Run): void {
    expect({ exitCode, output }).toEqual({ exitCode: 0, output: '' })
    expect(workMs).toBeGreaterThan(0)
    expect(workMs).toBeLessThan(MAX_MS)
    expect(totalMs).toBeLessThan(MAX_MS + MAX_OVERHEAD_MS)
  }

  it('online: silent, exit code 0, slot freed', async () => {
    const { server, dataDir } = await activated()
    expectQuick(await uninstall(dataDir))
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
  })

  it('offline, or with a server that hangs, drips or fails: silent, exit code 0, in time, a ticket left', async () => {
    const faults: readonly ((server: FakeLicenseServer) => unknown)[] = [
      (server) => server.close(),
      (server) => Object.assign(server, { fault: () => true }),
      (server) => Object.assign(server, { fault: drip }),
      (server) => Object.assign(server, { fault: fail }),
    ]
    const runs = faults.map(async (worsen) => {
      const { server, dataDir } = await activated()
      await worsen(server)
      const run = await uninstall(dataDir)
      return { run, kept: await readdir(dataDir) }
    })
    for (const { run, kept } of await Promise.all(runs)) {
      expectQuick(run)
      expect(kept).toEqual([expect.stringMatching(/\.ticket$/)])
    }
  })

  it.each<[string, (dataDir: string) => Promise<unknown>]>([
    ['no cache', (dataDir) => rm(path.join(dataDir, 'license.json'))],
    ['no folder', (dataDir) => rm(dataDir, { recursive: true })],
    ['a torn cache', (dataDir) => writeFile(path.join(dataDir, 'license.json'), '{"version":1,')],
  ])('%s: silent, exit code 0, at once', async (_, damage) => {
    const { dataDir } = await activated()
    await damage(dataDir)
    expectQuick(await uninstall(dataDir))
  })

  it('a folder it may only read: the slot is freed all the same', async () => {
    const { server, dataDir } = await activated()
    await chmod(path.join(dataDir, 'license.json'), 0o444)
    await chmod(dataDir, 0o555)
    // Nothing is read-only to root.
    const stranger = ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups', '--']
    expectQuick(await uninstall(dataDir, process.getuid?.() === 0 ? stranger : []))
    expect(server.activeHosts.size).toBe(0)
    await chmod(dataDir, 0o755)
  })

  function drip(response: ServerResponse): boolean {
    const timer = setInterval(() => response.write(' '), 100)
    response.on('close', () => clearInterval(timer))
    return true
  }

  function fail(response: ServerResponse): boolean {
    return response.writeHead(500).end() !== undefined
  }
})

describe('a ticket', () => {
  it('is delivered by the next run of any app of that name, whatever else that app is', async () => {
    const { server, dataDir } = await activated()
    server.fault = (response) => response.destroy() !== undefined
    expect(await runUninstall({ appName, dataDir })).toMatchObject({ outcome: 'queued-offline', persisted: true })

    server.fault = undefined
    const other = await startLicenseServer()
    const nextApp = createLicenseKit({
      serverUrl: other.url,
      productId: 'prod_of_another_app_00',
      accessToken: PUBLISHABLE_TOKEN,
      trustedKeys: [other.key.jwk],
      appName,
      dataDir,
      hostId: 'another-host-id',
    })
    await nextApp.refresh()
    expect(server.activeHosts.size).toBe(0)
    expect(other.requests).toEqual([])
  })
})
