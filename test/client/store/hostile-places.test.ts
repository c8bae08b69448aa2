import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { LicenseKitOptions } from '../../../src/client'
import { type CachedActivation, NOTHING } from '../../../src/client/store/cache-record'
import { CACHE_FILE, createTokenCache, type TokenCache } from '../../../src/client/store/license-on-disk'
import { canMountPrivately } from '../../circumstances'
import { PUBLISHABLE_TOKEN, startLicenseServer } from '../fake-license-server'
import { printFigures } from '../figures'
import { compileFile } from '../processes'
import { temporaryDir } from '../temporary-dir'
import { HOST_ID, LICENSE_KEY, PRODUCT_ID } from '../token-factory'

const STRANGER = ['setpriv', '--reuid', '12345', '--regid', '12345', '--clear-groups', '--']
const IS_ROOT = process.getuid?.() === 0

const figures = {
  places: 0,
  workedFromMemory: 0,
  littered: 0,
  failingDisks: 0,
  licensesLost: 0,
  leftOut: [...(IS_ROOT ? [] : ['places of a stranger']), ...(canMountPrivately() ? [] : ['disks of their own'])],
}

printFigures('C05', figures)

/** An app's whole life: what it says at each step, on one line. */
const APP = `
  import { createLicenseKit } from '../../src/client'
  const [options, licenseKey] = process.argv.slice(2)
  const kit = createLicenseKit({ ...JSON.parse(options), now: () => new Date('2026-03-01T12:00:00.000Z') })
  const said = ({ status, persisted }) => status + (persisted ? ', on disk' : ', in memory')
  const steps = [said(await kit.check()), said(await kit.activate(licenseKey)), said(await kit.check())]
  steps.push(said(await kit.refresh()), (await kit.deactivate()).outcome, said(await kit.check()))
  console.log(JSON.stringify(steps))
`

let app: string

beforeAll(async () => {
  app = await compileFile(APP)
  await chmod(path.dirname(app), 0o755)
})

interface Place {
  /** Runs the app in that place; the rest of the command line follows. */
  readonly command?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  readonly options?: Partial<LicenseKitOptions>
}

/** Every way in which nothing can be kept. Those that only root can arrange are there where root runs the tests. */
async function placesToBe(): Promise<[string, Place][]> {
  const blocked = path.join(await temporaryDir(), 'a-file')
  await writeFile(blocked, '')
  const readOnly = await temporaryDir()
  await chmod(readOnly, 0o555)
  const mounted = await temporaryDir()
  const mount = (options: string, fill = ':') => {
    const script = `mount -t tmpfs -o ${options} none "${mounted}" && { ${fill}; } && exec "$@"`
    return { command: ['unshare', '-m', 'sh', '-c', script, 'sh'], options: { dataDir: path.join(mounted, 'data') } }
  }
  const places: [string, Place][] = [
    ['HOME empty', { env: { HOME: '' } }],
    ['HOME relative', { env: { HOME: 'somewhere' } }],
    ['a file where the folder should be', { options: { dataDir: path.join(blocked, 'data') } }],
  ]
  const asStranger: [string, Place][] = [
    ['no HOME, and a uid without a passwd entry', { command: STRANGER }],
    ['a read-only folder', { command: STRANGER, options: { dataDir: path.join(readOnly, 'data') } }],
  ]
  const onMounts: [string, Place][] = [
    ['a read-only disk', mount('ro')],
    ['a full disk', mount('size=64k', `head -c 1M /dev/zero >"${mounted}/filler" 2>/dev/null || true`)],
    ['a disk without inodes left', mount('nr_inodes=1')],
  ]
  return [...places, ...(IS_ROOT ? asStranger : []), ...(canMountPrivately() ? onMounts : [])]
}

describe.each(await placesToBe())('%s', (_, { command = [], env = {}, options = {} }) => {
  it('works from memory, says so, frees its slot, and litters nowhere', async () => {
    const server = await startLicenseServer()
    const cwd = await temporaryDir()
    await chmod(cwd, 0o777)
    const kitOptions = {
      serverUrl: server.url,
      productId: PRODUCT_ID,
      accessToken: PUBLISHABLE_TOKEN,
      trustedKeys: [server.key.jwk],
      appName: 'acme-editor',
      hostId: HOST_ID,
      ...options,
    }
    const [program = '', ...args] = [...command, process.execPath, app, JSON.stringify(kitOptions), LICENSE_KEY]
    const child = spawn(program, args, {
      cwd,
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    await once(child, 'close')
    figures.places++
    expect(JSON.parse(output)).toEqual([
      expect.stringMatching(/^not-activated/),
      'valid, in memory',
      'valid, in memory',
      'valid, in memory',
      'freed',
      expect.stringMatching(/^not-activated/),
    ])
    figures.workedFromMemory++
    expect(server.activeHosts.size).toBe(0)
    const litter = await readdir(cwd)
    figures.littered += litter.length
    expect(litter).toEqual([])
  })
})

const ACTIVATION: CachedActivation = {
  serverUrl: 'https://example.test/licensing',
  allowPlainHttp: false,
  productId: PRODUCT_ID,
  accessToken: PUBLISHABLE_TOKEN,
  licenseKey: LICENSE_KEY,
  licenseToken: 'a.b.c',
  hostId: HOST_ID,
  highestTimeSeen: 1_772_366_400,
}

/** A disk that fails with that code, so many times. */
function failingDisk(code: string, times: number) {
  const disk = { failures: 0 }
  function attempt<A extends unknown[]>(call: (...args: A) => Promise<void>): (...args: A) => Promise<void> {
    return async (...args) => {
      if (disk.failures >= times) return await call(...args)
      disk.failures++
      throw Object.assign(new Error(code), { code })
    }
  }
  return { disk, calls: { rename: attempt(rename), link: attempt(link), rm: attempt(rm) } }
}

describe.concurrent.each(['ENOSPC', 'EROFS', 'EIO', 'EPERM', 'EACCES', 'EBUSY'])('a disk that answers %s', (code) => {
  const tries = ['EPERM', 'EACCES', 'EBUSY'].includes(code) ? 10 : 1

  it('leaves the old license on it, keeps the new in memory, and takes it once it can', async () => {
    const dir = await temporaryDir()
    const file = path.join(dir, CACHE_FILE)
    const put = (cache: TokenCache, licenseToken: string) =>
      cache.update(() => ({ kind: 'activation', activation: { ...ACTIVATION, licenseToken } }))
    await put(createTokenCache(dir), 'old')
    const before = await readFile(file, 'utf8')

    const { disk, calls } = failingDisk(code, tries)
    const cache = createTokenCache(dir, undefined, calls)
    const startedAt = performance.now()
    await put(cache, 'new')
    expect(performance.now() - startedAt).toBeLessThan(20_000)
    expect(disk.failures).toBe(tries)
    expect(await cache.read()).toMatchObject({ state: { activation: { licenseToken: 'new' } }, persisted: false })
    const after = await readFile(file, 'utf8')
    figures.failingDisks++
    if (after !== before) figures.licensesLost++
    expect(after).toBe(before)
    expect(await readdir(dir)).toEqual([CACHE_FILE])

    await put(cache, 'new')
    expect(await cache.read()).toMatchObject({ state: { activation: { licenseToken: 'new' } }, persisted: true })
  })
})

describe.concurrent.each(['EPERM', 'EACCES', 'EBUSY'])('a disk that answers %s for a moment', (code) => {
  it('is waited for, also where the license is to be removed', async () => {
    const dir = await temporaryDir()
    await createTokenCache(dir).update(() => ({ kind: 'activation', activation: ACTIVATION }))
    const cache = createTokenCache(dir, undefined, failingDisk(code, 3).calls)
    await cache.update(() => NOTHING)
    expect(await readdir(dir)).toEqual([])
  })
})
