import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SYSTEM_PROBES } from '../../src/client/host/machine-id'
import { composeLicenseKit } from '../../src/client/license-kit'
import { type LicenseKitOptions, parseOptions } from '../../src/client/options'
import { SYSTEM_CLOCK } from '../../src/waiting/clock'
import { compileScript, START_BARRIER, startTogether } from '../client/processes'
import { temporaryDir } from '../client/temporary-dir'
import { makeKey, PLAIN_MOUNT } from '../server/http/actions'
import { type Fixture, startFixture } from '../server/http/harness'

const STARTS = 12
const PROCESSES = 16
const FRESH_HOSTS = Number(process.env.KEYSLOT_FIRST_STARTS ?? 5)
const MACHINE = '5f0c3a9be1d24c7f8a6b2e4d90c1f37a'

let fixture: Fixture
let licenseKey: string
const rebound: unknown[] = []

beforeEach(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  fixture.clock.now = new Date()
  licenseKey = await makeKey(fixture, { maxActivations: 1 })
  rebound.length = 0
  fixture.licensing.on('license.rebound', ({ data }) => rebound.push(data))
})
afterEach(() => fixture.close())

/** A computer, as far as the kit can tell. */
interface Computer {
  readonly machineId?: string
  readonly user?: string
  /** The file system that the root of a container is on; undefined outside of containers. */
  readonly container?: string
  /** Where a volume is mounted. */
  readonly volume?: string
}

const mountinfo = (root: string, volume?: string) =>
  [
    `22 1 0:21 / / rw,relatime - ${root} none rw`,
    '23 22 0:5 / /proc rw - proc proc rw',
    ...(volume === undefined ? [] : [`24 22 8:1 /data ${volume} rw - ext4 /dev/sda1 rw`]),
  ].join('\n')

/** The app, started anew. */
function start(dataDir: string, computer: Computer, options: Partial<LicenseKitOptions> = {}) {
  const { machineId = MACHINE, user = '1000', container, volume } = computer
  const probes = {
    ...SYSTEM_PROBES,
    platform: 'linux' as const,
    env: {},
    exists: (file: string) => container !== undefined && file === '/.dockerenv',
    readText: async (file: string) => {
      if (file === '/proc/self/mountinfo') return mountinfo(container ?? 'ext4', volume)
      return machineId
    },
    user: () => user,
  }
  const given = { ...endpoint(), dataDir, appName: 'acme-editor', maxTries: 1, ...options }
  return composeLicenseKit(parseOptions(given), {
    probes,
    clock: SYSTEM_CLOCK,
    random: Math.random,
    randomId: () => crypto.randomUUID(),
  })
}

const endpoint = () => ({
  serverUrl: fixture.url,
  productId: fixture.productId,
  accessToken: fixture.publishable,
  trustedKeys: fixture.licensing.jwks.keys,
})
const activations = async () => (await fixture.licensing.licenses.get(licenseKey)).activations
const users = async () => (await activations()).flatMap(({ keys }) => keys)

describe('a computer with a machine id', () => {
  it('goes on as the user it was, however often the folder is deleted', async () => {
    const dataDir = await temporaryDir()
    await start(dataDir, {}).activate(licenseKey)
    const [first] = await users()
    for (let count = 0; count < STARTS; count += 1) {
      await rm(dataDir, { recursive: true })
      expect(await start(dataDir, {}).activate(licenseKey)).toMatchObject({ status: 'valid' })
    }
    expect(await users()).toMatchObject([{ boundAt: first?.boundAt, until: null }])
    expect(await start(dataDir, {}).deactivate()).toMatchObject({ outcome: 'freed' })
    expect(rebound).toHaveLength(STARTS)
    expect(rebound.every((data) => (data as { recovered?: boolean }).recovered === true)).toBe(true)
  })

  it('does so too where the key is typed otherwise', async () => {
    const dataDir = await temporaryDir()
    await start(dataDir, {}).activate(licenseKey)
    await rm(dataDir, { recursive: true })
    await start(dataDir, {}).activate(` ${licenseKey.toLowerCase()} `)
    expect(await users()).toHaveLength(1)
  })

  it('would count a user for each deleted folder without one (control)', async () => {
    const dataDir = await temporaryDir()
    const bare = { machineId: 'uninitialized' }
    for (let count = 0; count < 6; count += 1) {
      await rm(dataDir, { recursive: true, force: true })
      await start(dataDir, bare, { hostId: 'studio' }).activate(licenseKey)
    }
    await rm(dataDir, { recursive: true })
    const seventh = start(dataDir, bare, { hostId: 'studio' }).activate(licenseKey)
    await expect(seventh).rejects.toMatchObject({ code: 'HOST_USERS_EXCEEDED' })
  })

  it('has its users, and root once, each with a key of their own; nobody is revoked', async () => {
    const [ada, bob, root] = [await temporaryDir(), await temporaryDir(), await temporaryDir()]
    const kits = [start(ada, {}), start(bob, { user: '1001' }), start(root, { user: '0' })]
    for (const kit of kits) await kit.activate(licenseKey)
    for (const kit of kits) expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    expect(await users()).toHaveLength(3)
    await rm(bob, { recursive: true })
    await start(bob, { user: '1001' }).activate(licenseKey)
    expect(await users()).toHaveLength(3)
    expect(await activations()).toHaveLength(1)
  })

  it('is one user at each start where the folder cannot be kept, and harms no healthy host', async () => {
    const folder = path.join(await temporaryDir(), 'a-file')
    await writeFile(folder, '')
    licenseKey = await makeKey(fixture, { maxActivations: 2 })
    const healthy = start(await temporaryDir(), {}, { hostId: 'healthy' })
    await healthy.activate(licenseKey)
    for (let count = 0; count < STARTS; count += 1) {
      const kit = start(path.join(folder, 'data'), {}, { hostId: 'fixed' })
      expect(await kit.activate(licenseKey)).toMatchObject({ status: 'valid', persisted: false })
      expect(await kit.refresh()).toMatchObject({ status: 'valid' })
    }
    expect((await activations()).map(({ hostId, keys }) => [hostId, keys.length]).sort()).toEqual([
      ['fixed', 1],
      ['healthy', 1],
    ])
    expect(await healthy.refresh()).toMatchObject({ status: 'valid' })
    expect(rebound).toEqual([])
  })

  it('never sends its machine id, nor what the recovery key is derived from', async () => {
    const sent: string[] = []
    const kit = start(
      await temporaryDir(),
      {},
      {
        async fetch(url, init) {
          sent.push(JSON.stringify([url, init.headers, init.body]))
          return await globalThis.fetch(url, init)
        },
      },
    )
    await kit.activate(licenseKey)
    await kit.refresh()
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.join('\n')).toContain('keyslot-recovery')
    expect(sent.join('\n')).not.toContain(MACHINE)
  })
})

describe('a container', () => {
  const posts: string[] = []
  const counted: Partial<LicenseKitOptions> = {
    async fetch(url, init) {
      posts.push(url)
      return await globalThis.fetch(url, init)
    },
  }
  beforeEach(() => {
    posts.length = 0
  })

  it.each(['overlay', 'aufs', 'tmpfs', 'fuse.fuse-overlayfs'])(
    'on %s without a volume takes no slot and asks nobody: it would be another host each time',
    async (container) => {
      const kit = start(await temporaryDir(), { container }, { ...counted, proofSecret: undefined })
      await expect(kit.activate(licenseKey)).rejects.toMatchObject({ code: 'HOST_NOT_KEPT' })
      expect(posts).toEqual([])
      expect(await activations()).toEqual([])
    },
  )

  it('with a volume has its slot, and the same after it is made anew', async () => {
    const dataDir = await temporaryDir()
    for (const container of ['overlay', 'overlay']) {
      const kit = start(dataDir, { container, volume: path.dirname(dataDir) })
      expect(await kit.activate(licenseKey)).toMatchObject({ status: 'valid' })
    }
    expect(await users()).toHaveLength(1)
  })

  it('with hostId and proofSecret is one user at each start, with nothing kept', async () => {
    const secret = { hostId: 'replica-1', proofSecret: 'a secret of this installation'.replaceAll(' ', '-') }
    const folder = path.join(await temporaryDir(), 'a-file')
    await writeFile(folder, '')
    for (let count = 0; count < STARTS; count += 1) {
      // Some of them can keep a key for as long as they last.
      const dataDir = count % 3 === 2 ? await temporaryDir() : path.join(folder, 'data')
      const kit = start(dataDir, { container: 'overlay' }, secret)
      expect(await kit.activate(licenseKey)).toMatchObject({ status: 'valid' })
    }
    expect(await users()).toHaveLength(1)
  })

  it('of one image is a host of its own by its hostId, and nobody with another secret goes on as it', async () => {
    licenseKey = await makeKey(fixture, { maxActivations: 4 })
    const replica = async (hostId: string, proofSecret = 'one-secret-for-all') => {
      const kit = start(await temporaryDir(), { container: 'overlay' }, { hostId, proofSecret })
      await kit.activate(licenseKey)
    }
    for (const hostId of ['a', 'b', 'c', 'd', 'a', 'b', 'c', 'd']) await replica(hostId)
    expect((await activations()).map(({ keys }) => keys.length)).toEqual([1, 1, 1, 1])
    await replica('a', 'another-secret-than-that')
    expect((await users()).length).toBe(5)
  })

  it('with a hostId alone and nothing kept shows no key, unless the product asks for one', async () => {
    const folder = path.join(await temporaryDir(), 'a-file')
    await writeFile(folder, '')
    const fresh = () => start(path.join(folder, 'data'), { container: 'overlay' }, { hostId: 'fixed' })
    for (let count = 0; count < STARTS; count += 1) {
      expect(await fresh().activate(licenseKey)).toMatchObject({ status: 'valid' })
    }
    expect(await users()).toEqual([])
    await fixture.licensing.products.update(fixture.productId, { requireProof: true })
    await expect(fresh().activate(licenseKey)).rejects.toMatchObject({ code: 'HOST_NOT_KEPT' })
  })
})

describe('the kept key', () => {
  it('is this user’s alone to read, sealed where there is a secret store, and gone with the activation', async () => {
    const dataDir = await temporaryDir()
    const secretStore = {
      encrypt: (text: string) => Buffer.from(text).toString('hex'),
      decrypt: (sealed: Buffer) => Buffer.from(sealed.toString(), 'hex').toString(),
    }
    const kit = start(dataDir, {}, { secretStore })
    await kit.activate(licenseKey)
    const file = path.join(dataDir, 'proof-key.json')
    expect(await readFile(file, 'utf8')).not.toContain('proofKey')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await rm(path.join(dataDir, 'license.json'))
    await start(dataDir, { machineId: 'none' }, { secretStore, hostId: (await kit.hostId()).hostId }).activate(
      licenseKey,
    )
    expect(await users()).toHaveLength(1)
    expect(rebound).toEqual([])
    await start(dataDir, {}, { secretStore }).deactivate()
    await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('makes way for another where it is damaged', async () => {
    const dataDir = await temporaryDir()
    await writeFile(path.join(dataDir, 'proof-key.json'), '{"version":1,"proofKey":{"x":')
    expect(await start(dataDir, {}).activate(licenseKey)).toMatchObject({ status: 'valid' })
    expect(await users()).toHaveLength(1)
  })
})

describe(`${PROCESSES} processes that activate a fresh host at once, ${FRESH_HOSTS} times`, () => {
  const activateAt = (create: string, beforeActivating = '') => `
    import { createLicenseKit } from '../../src/client'
    ${START_BARRIER}
    const [options, licenseKey] = process.argv.slice(2)
    ${create}
    await kit.hostId()
    await startBarrier()
    ${beforeActivating}
    const { status } = await kit.activate(licenseKey).catch(({ code }) => ({ status: code }))
    const { status: renewed } = await kit.refresh()
    console.log(status, renewed)
  `

  async function startAll(script: string, hosts = FRESH_HOSTS) {
    const run = await compileScript(script)
    const said = new Set<string>()
    let most = 0
    for (let host = 0; host < hosts; host += 1) {
      licenseKey = await makeKey(fixture, { maxActivations: 1 })
      const dataDir = await temporaryDir()
      const options = {
        ...endpoint(),
        dataDir,
        appName: 'acme-editor',
        hostId: 'fresh',
        totalTimeoutMs: 60_000,
        tryTimeoutMs: 60_000,
      }
      const children = Array.from({ length: PROCESSES }, () => run([JSON.stringify(options), licenseKey]))
      for (const line of await startTogether(children)) said.add(line)
      most = Math.max(most, (await users()).length)
    }
    return { said: [...said], most }
  }

  it('show one key: all of them are usable, and nothing is bound twice', async () => {
    expect(await startAll(activateAt('const kit = createLicenseKit(JSON.parse(options))'))).toEqual({
      said: ['valid valid'],
      most: 1,
    })
    expect(rebound).toEqual([])
  }, 300_000)

  it('would show many without a file that one of them makes (control)', async () => {
    // One after the other finds no file, and makes a key; all meet before the first of them asks the server. Nor can a key
    // be derived on this computer: the server would tell that all are one user.
    const careless = activateAt(
      `
      import { mkdir, readdir, rm, rmdir, writeFile } from 'node:fs/promises'
      import { setTimeout as sleep } from 'node:timers/promises'
      import { SYSTEM_PROBES } from '../../src/client/host/machine-id'
      import { composeLicenseKit } from '../../src/client/license-kit'
      import { parseOptions } from '../../src/client/options'
      import { SYSTEM_CLOCK } from '../../src/waiting/clock'
      const { dataDir } = JSON.parse(options)
      const turn = dataDir + '/turn'
      let hasMet = false
      async function meet() {
        hasMet = true
        await writeFile(dataDir + '/met-' + process.pid, '')
        await rmdir(turn)
        while ((await readdir(dataDir)).filter((name) => name.startsWith('met-')).length < ${PROCESSES}) await sleep(10)
      }
      const given = {
        ...JSON.parse(options),
        async fetch(url, init) {
          if (url.endsWith('/activate') && !hasMet) await meet()
          return await globalThis.fetch(url, init)
        },
      }
      const kit = composeLicenseKit(parseOptions(given), {
        probes: { ...SYSTEM_PROBES, platform: 'linux', readText: async () => 'uninitialized' },
        clock: SYSTEM_CLOCK,
        random: Math.random,
        randomId: () => crypto.randomUUID(),
      })
      `,
      `
      while (!(await mkdir(turn).then(() => true, () => false))) await sleep(5)
      await rm(dataDir + '/proof-key.json', { force: true })
      `,
    )
    expect((await startAll(careless, 1)).most).toBeGreaterThan(1)
  }, 300_000)
})

describe('a trial for machines only', () => {
  it('is none for a host that deleting its folder makes another, and one for a machine', async () => {
    await fixture.licensing.products.update(fixture.productId, { trialSeconds: 86_400 })
    const pod = start(await temporaryDir(), { container: 'ext4' })
    await expect(pod.startTrial({ machineOnly: true })).rejects.toMatchObject({ code: 'HOST_ID_UNAVAILABLE' })
    expect((await start(await temporaryDir(), {}).startTrial({ machineOnly: true })).usable).toBe(true)
    expect((await pod.startTrial()).usable).toBe(true)
  })
})
