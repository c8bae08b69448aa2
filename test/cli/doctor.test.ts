import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLicenseKit, type Diagnosis, type LicenseKit, type PublicJwk } from '../../src/client'
import { startProxy } from '../client/fake-proxy'
import { createKey } from '../e2e/wire'
import { keyslot, type RunningServer, serve } from './keyslot-process'
import { loadedBy } from './loaded-by'
import { scratchFolder } from './scratch-folder'

const APP = ['doctor', '--app-name', 'acme-editor']

/** Its dates are texts here. */
type Printed = Diagnosis & { readonly keyslot: string }

async function doctorJson(...args: string[]): Promise<{ code: number | null; stderr: string; found: Printed }> {
  const { code, stdout, stderr } = await keyslot(...APP, ...args, '--json')
  expect(stdout).toMatch(/^[^\n]+\n$/)
  return { code, stderr, found: JSON.parse(stdout) as Printed }
}

let server: RunningServer
let kit: LicenseKit
let licenseKey: string
const dataDir = join(scratchFolder(), 'keyslot')

beforeAll(async () => {
  server = await serve('--storage', 'memory')
  const { url, productId, publishableToken, jwks } = server.line
  const { keys } = (await (await fetch(jwks)).json()) as { keys: PublicJwk[] }
  licenseKey = await createKey(server.line)
  kit = createLicenseKit({
    serverUrl: url,
    productId,
    accessToken: publishableToken,
    trustedKeys: keys,
    appName: 'acme-editor',
    dataDir,
  })
  await kit.activate(licenseKey)
})

afterAll(async () => {
  await server.stop()
})

describe('keyslot doctor, for a person who helps', () => {
  it('prints a table of what it found, and nothing that is secret', async () => {
    const { code, stdout, stderr } = await keyslot(...APP, '--data-dir', dataDir)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { hostId, source } = await kit.hostId()
    const values = new Map(stdout.split('\n').map((line) => [line.slice(0, 16).trim(), line.slice(16)]))
    expect(values.get('hostId')).toBe(hostId)
    expect(values.get('source')).toMatch(new RegExp(`^${source}: .`))
    expect(values.get('path')).toBe(dataDir)
    expect(values.get('can be written')).toBe('yes')
    expect(values.get('status')).toBe('valid (OK)')
    expect(values.get('license key')).toBe(`…${licenseKey.slice(-4)}`)
    expect(values.get('refresh')).toMatch(/^not due, from \d{4}-/)
    expect(values.get('signature')).toBe('genuine, by the keys the server publishes')
    expect(values.get('url')).toBe(`${server.line.url} (as the license has it)`)
    expect(values.get('answers')).toMatch(/^ok \(HTTP 200, \d+ ms\)$/)
    expect(values.get('clock')).toBe('the same as here')
    expect(values.get('Node')).toContain(process.versions.node)
    expect(values.get('keyslot')).toMatch(/^\d+\.\d+\.\d+/)
    expect(stdout).toMatch(/\n\nNothing found that keeps the app from working.\n$/)
    for (const secret of await secrets()) expect(stdout).not.toContain(secret)
  })

  it('prints the same for machines, on one line', async () => {
    const { code, found } = await doctorJson('--data-dir', dataDir, '--server', server.line.url)
    expect(code).toBe(0)
    expect(found).toMatchObject({
      healthy: true,
      problems: [],
      license: { status: 'valid', productId: server.line.productId, verifiedWith: 'server-keys' },
      server: { health: 'ok', namedBy: 'option', httpStatus: 200, publishedKeys: 1, route: { proxy: null } },
    })
    expect(Math.abs(found.server?.clockAheadSeconds ?? 99)).toBeLessThanOrEqual(2)
    for (const secret of await secrets()) expect(JSON.stringify(found)).not.toContain(secret)
  })

  it('says through which proxy the server answers, and never the proxy’s password', async () => {
    const proxy = await startProxy()
    const asked = server.line.url.replace('127.0.0.1', 'licenses.test')
    const way = ['--server', asked, '--proxy', `http://ada:hunter2@127.0.0.1:${proxy.port}`]
    const { code, stdout } = await keyslot(...APP, '--data-dir', dataDir, ...way)
    expect(code).toBe(0)
    expect(stdout).toContain(`${proxy.url}: the app names it\n`)
    expect(stdout).toMatch(/answers +ok \(HTTP 200, /)
    expect(stdout).not.toContain('hunter2')
    expect(proxy.tunnels.map(({ authority }) => authority)).toEqual(Array(2).fill(new URL(asked).host))
  })

  it('leaves the computer as it was, where there is nothing yet', async () => {
    const above = scratchFolder()
    const { code, found } = await doctorJson('--data-dir', join(above, 'not', 'made'))
    expect(code).toBe(0)
    expect(found).toMatchObject({ license: { status: 'not-activated' }, folder: { exists: false }, server: null })
    expect(await readdir(above)).toEqual([])
    expect(await readdir(dataDir)).not.toContainEqual(expect.stringContaining('doctor'))
  })
})

describe('keyslot doctor fails, in one line, where something keeps the app from working', () => {
  it('a folder copied from another computer', async () => {
    const copy = scratchFolder()
    await cp(join(dataDir, 'license.json'), join(copy, 'license.json'))
    await writeFile(join(copy, 'installation-id'), `${'5'.repeat(31)}6\n`)
    expect(await doctorJson('--data-dir', copy)).toMatchObject({
      code: 1,
      stderr: 'keyslot: The stored license belongs to another computer. Please activate on this one.\n',
      found: { healthy: false, license: { status: 'wrong-host' } },
    })
  })

  it('another product', async () => {
    const { code, stderr } = await keyslot(...APP, '--data-dir', dataDir, '--product', 'prod_of_somebody_else_000')
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'keyslot: The license is for another product.\n' })
  })

  it('a damaged file, which stays where it is', async () => {
    const damaged = scratchFolder()
    await writeFile(join(damaged, 'license.json'), '{"version":1,')
    const { code, stderr } = await keyslot(...APP, '--data-dir', damaged)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'keyslot: The stored license was damaged. Please activate again.\n',
    })
    expect(await readdir(damaged)).toEqual(['license.json'])
  })

  it('no license yet, and a server that something else answers for', async () => {
    const { code, stderr, found } = await doctorJson(
      '--data-dir',
      scratchFolder(),
      '--server',
      `${server.line.url}/wrong`,
    )
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining('HTTP 404') })
    expect(found.server).toMatchObject({ health: 'not-ours', clockAheadSeconds: null })
  })

  it('a wrong use ends with 2', async () => {
    expect(await keyslot('doctor')).toMatchObject({
      code: 2,
      stderr: "keyslot: required option '--app-name <name>' not specified\n",
    })
    expect(await keyslot(...APP, '--server', 'ftp://example.com')).toMatchObject({
      code: 2,
      stderr: 'keyslot: serverUrl must be an https: URL\n',
    })
  })
})

describe('what keyslot doctor loads', () => {
  it('is neither express nor a driver nor the server', async () => {
    const { files, packages } = await loadedBy('actions/doctor.ts')
    expect(packages.filter((name) => ['express', 'better-sqlite3', 'pg', 'zod'].includes(name))).toEqual([])
    expect(files.filter((file) => file.startsWith('src/server/'))).toEqual([])
  })
})

/** Whatever must not stand in a report that is mailed about. */
async function secrets(): Promise<readonly string[]> {
  const { accessToken, licenseToken, proofKey } = JSON.parse(await readFile(join(dataDir, 'license.json'), 'utf8')) as {
    accessToken: string
    licenseToken: string
    proofKey: { d: string }
  }
  const machineIds = await Promise.all(
    ['/etc/machine-id', '/var/lib/dbus/machine-id', join(dataDir, 'installation-id')].map((file) =>
      readFile(file, 'utf8').catch(() => ''),
    ),
  )
  const ids = machineIds.map((text) => text.trim()).filter((text) => text !== '')
  return [accessToken, licenseToken, licenseToken.slice(0, 40), proofKey.d, licenseKey, licenseKey.slice(0, -5), ...ids]
}
