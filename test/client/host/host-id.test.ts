import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { deriveHostId, resolveHostId } from '../../../src/client/host/host-id'
import { ensureInstallationId } from '../../../src/client/host/installation-id'
import { findMachineId, judgeMachineId, type MachineProbes, SYSTEM_PROBES } from '../../../src/client/host/machine-id'
import { isLicenseError } from '../../../src/protocol'
import { compileScript, START_BARRIER, startTogether } from '../processes'
import { temporaryDir } from '../temporary-dir'

const MACHINE_ID = '3d1219c7c4c5404aaa1f6d2a48adfda4'
const OTHER_ID = 'b1946ac92492d2347c6235b4d2611184'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/** A machine of any kind; `files` are its machine-id files. */
function machine(files: Record<string, string> = {}, changes: Partial<MachineProbes> = {}): MachineProbes {
  return {
    platform: 'linux',
    env: {},
    exists: () => false,
    readText: async (file) => files[file] ?? Promise.reject(new Error('ENOENT')),
    readMachineId: () => Promise.reject(new Error('not asked on Linux')),
    user: () => '1000',
    hostname: () => 'ada-laptop',
    ...changes,
  }
}

const linux = (machineId: string) => machine({ '/etc/machine-id': `${machineId}\n` })
const windows = (readMachineId: () => Promise<string>) => machine({}, { platform: 'win32', readMachineId })

function resolve(probes: MachineProbes, dataDir: string | undefined, hostId?: string) {
  return resolveHostId({ appName: 'acme', dataDir, hostId, probes })
}

/** A folder with that installation id alone. */
async function copyOf(installationId: string): Promise<string> {
  const dir = await temporaryDir()
  await writeFile(path.join(dir, 'installation-id'), installationId)
  return dir
}

describe('deriveHostId', () => {
  it('is h1. and the HMAC of the app name under the machine id: 46 characters', () => {
    const hmac = createHmac('sha256', MACHINE_ID).update('acme').digest('base64url')
    expect(deriveHostId(MACHINE_ID, 'acme')).toBe(`h1.${hmac}`)
    expect(deriveHostId(MACHINE_ID, 'acme')).toHaveLength(46)
    expect(deriveHostId(MACHINE_ID, 'other')).not.toBe(deriveHostId(MACHINE_ID, 'acme'))
  })
})

describe('judgeMachineId', () => {
  it.each<[unknown, string]>([
    ['', 'missing'],
    ['  \n', 'missing'],
    [undefined, 'missing'],
    ['uninitialized', 'placeholder'],
    ['Default string', 'placeholder'],
    ['To be filled by O.E.M.', 'placeholder'],
    ['Not Applicable', 'placeholder'],
    ['Not Specified', 'placeholder'],
    ['System Serial Num', 'placeholder'],
    ['none', 'placeholder'],
    ['0'.repeat(32), 'placeholder'],
    ['00000000-0000-0000-0000-000000000000', 'placeholder'],
    ['F'.repeat(32), 'placeholder'],
    ['FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF', 'placeholder'],
    ['03000200-0400-0500-0006-000700080009', 'placeholder'],
    [sha256(''), 'placeholder'],
    [sha256('uninitialized'), 'placeholder'],
    [sha256('0'.repeat(32)), 'placeholder'],
    ['ada-laptop', 'hostname'],
    [sha256('ada-laptop'), 'hostname'],
    ['short-id', 'too-short'],
    ['123456789abcdef', 'too-short'],
  ])('refuses %s: %s', (value, problem) => {
    expect(judgeMachineId(value, () => 'ada-laptop')).toEqual({ problem })
  })

  it('accepts a GUID, and survives a hostname that throws', () => {
    const guid = '8E1D7E4C-9F0B-4A57-9D5B-2A6E4B1C0D3F'
    const hostname = () => {
      throw new Error('no uname')
    }
    expect(judgeMachineId(` ${guid}\r\n`, hostname)).toEqual({ machineId: guid })
  })
})

describe('findMachineId', () => {
  it.each<[string, MachineProbes, object]>([
    ['/etc/machine-id', linux(MACHINE_ID), { machineId: MACHINE_ID }],
    ['the dbus file', machine({ '/var/lib/dbus/machine-id': MACHINE_ID }), { machineId: MACHINE_ID }],
    [
      'the dbus file after an empty one',
      machine({ '/etc/machine-id': '', '/var/lib/dbus/machine-id': MACHINE_ID }),
      { machineId: MACHINE_ID },
    ],
    ['no file', machine(), { problem: 'missing' }],
    ['an uninitialized image', linux('uninitialized'), { problem: 'placeholder' }],
    ['zeros', linux('0'.repeat(32)), { problem: 'placeholder' }],
    ['a hostname in the file', machine({ '/etc/machine-id': 'ada-laptop' }), { problem: 'hostname' }],
    ['upper case', linux(MACHINE_ID.toUpperCase()), { problem: 'placeholder' }],
    [
      'a GUID on Windows',
      windows(async () => 'a8098c1a-f86e-11da-bd1a-00112444be1e'),
      { machineId: 'a8098c1a-f86e-11da-bd1a-00112444be1e' },
    ],
    ['a throw', windows(() => Promise.reject(new TypeError('"command"'))), { problem: 'failed' }],
    ['an empty answer', windows(async () => ''), { problem: 'missing' }],
    ['a hang', windows(() => new Promise(() => undefined)), { problem: 'timed-out' }],
  ])('%s', async (_, probes, result) => {
    expect(await findMachineId(probes, 20)).toEqual(result)
  })
})

describe('node-machine-id', () => {
  it('is loaded by every kind of loader and gives its original value', async () => {
    const print = (from: string) => `
      import { SYSTEM_PROBES } from '${from}'
      process.stdout.write(await SYSTEM_PROBES.readMachineId())
    `
    const here = await SYSTEM_PROBES.readMachineId()
    const child = (await compileScript(print('../../src/client/host/machine-id')))([])
    let output = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    await once(child, 'close')
    expect(typeof here).toBe('string')
    expect(output).toBe(here)
  })
})

describe('resolveHostId', () => {
  it('takes the explicit option as it is', async () => {
    expect(await resolve(linux(MACHINE_ID), undefined, 'my-host')).toMatchObject({
      hostId: 'my-host',
      source: 'option',
    })
  })

  it('derives from the machine id, with or without a data folder', async () => {
    const hostId = deriveHostId(MACHINE_ID, 'acme')
    for (const dir of [undefined, await temporaryDir()]) {
      expect(await resolve(linux(MACHINE_ID), dir)).toEqual({
        hostId,
        source: 'machine',
        container: false,
        machineIdProblem: null,
      })
    }
  })

  it.each<[string, MachineProbes]>([
    ['fails', machine()],
    ['hits a placeholder', linux('uninitialized')],
    ['throws', windows(() => Promise.reject(new Error('access denied')))],
  ])('keeps what was chosen when a later probe %s', async (_, failing) => {
    const dir = await temporaryDir()
    const chosen = await resolve(linux(MACHINE_ID), dir)
    const later = await resolve(failing, dir)
    expect(later).toMatchObject({ hostId: chosen.hostId, source: 'machine' })
    expect(later.machineIdProblem).not.toBeNull()
  })

  it('another machine id is another host, also with a copied folder', async () => {
    const dir = await temporaryDir()
    await resolve(linux(MACHINE_ID), dir)
    expect(await resolve(linux(OTHER_ID), dir)).toMatchObject({ hostId: deriveHostId(OTHER_ID, 'acme') })
  })

  it('keeps an installation id where the machine has none, and believes it no more once it has one', async () => {
    const dir = await temporaryDir()
    const first = await resolve(machine(), dir)
    expect(first).toMatchObject({ source: 'installation', machineIdProblem: 'missing' })
    expect(first.hostId).toHaveLength(46)
    expect(await resolve(machine(), dir)).toMatchObject({ hostId: first.hostId })
    const known = { hostId: deriveHostId(MACHINE_ID, 'acme'), source: 'machine' }
    expect(await resolve(linux(MACHINE_ID), dir)).toMatchObject({ ...known, machineIdProblem: null })
    expect(await resolve(machine(), dir)).toMatchObject({ ...known, machineIdProblem: 'missing' })
  })

  it('a container is the machine that it shares home and machine id with, whatever installation id is there', async () => {
    const dir = await temporaryDir()
    const toolbox = (machineId: string) => ({
      ...linux(machineId),
      exists: (file: string) => file === '/run/.containerenv',
    })
    const { hostId } = await resolve(linux(MACHINE_ID), dir)
    expect(await resolve(toolbox(MACHINE_ID), dir)).toMatchObject({ hostId, source: 'machine', container: true })
    // Of another machine id it is a host of its own, and leaves that of the machine as it is.
    const other = await resolve(toolbox(OTHER_ID), dir)
    expect(other).toMatchObject({ source: 'installation', container: true })
    expect(await resolve(toolbox(OTHER_ID), dir)).toMatchObject({ hostId: other.hostId })
    expect(await resolve(toolbox(MACHINE_ID), dir)).toMatchObject({ hostId, source: 'machine' })
    expect(await resolve(linux(MACHINE_ID), dir)).toMatchObject({ hostId, source: 'machine' })
    expect(await readFile(path.join(dir, 'host-id'), 'utf8')).toBe(`${hostId}\n`)
  })

  it('one installation id, copied to five computers with good machine ids, makes five hosts of them', async () => {
    const dir = await temporaryDir()
    const shared = (await resolve(machine(), dir)).hostId
    const text = await readFile(path.join(dir, 'installation-id'), 'utf8')
    const hostIds = new Set<string>()
    for (let index = 0; index < 5; index++) {
      const copy = await temporaryDir()
      await writeFile(path.join(copy, 'installation-id'), text)
      hostIds.add((await resolve(linux(`${MACHINE_ID.slice(1)}${index}`), copy)).hostId)
      // The careless control: without a machine id the file alone is the host.
      expect((await resolve(machine(), await copyOf(text))).hostId).toBe(shared)
    }
    expect([hostIds.size, hostIds.has(shared)]).toEqual([5, false])
  })

  it.each<[string, Partial<MachineProbes>]>([
    ['docker', { exists: (file) => file === '/.dockerenv' }],
    ['podman', { exists: (file) => file === '/run/.containerenv' }],
    ['kubernetes', { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } }],
  ])('does not trust the machine id of a container (%s)', async (_, container) => {
    const probes = { ...linux(MACHINE_ID), ...container }
    const [one, other] = [await resolve(probes, await temporaryDir()), await resolve(probes, await temporaryDir())]
    expect(one).toMatchObject({ source: 'installation', container: true, machineIdProblem: 'container' })
    expect(other.hostId).not.toBe(one.hostId)
  })

  it('an installation id planted from a machine id yields another hostId', async () => {
    const dir = await temporaryDir()
    await writeFile(path.join(dir, 'installation-id'), MACHINE_ID)
    expect((await resolve(machine(), dir)).hostId).not.toBe(deriveHostId(MACHINE_ID, 'acme'))
  })

  it('HOST_ID_UNAVAILABLE rather than a new identity at every start', async () => {
    const blocked = path.join(await temporaryDir(), 'a-file')
    await writeFile(blocked, '')
    for (const dir of [undefined, path.join(blocked, 'below')]) {
      const error = await resolve(machine(), dir).catch((refusal: unknown) => refusal)
      expect(isLicenseError(error, 'HOST_ID_UNAVAILABLE')).toBe(true)
    }
  })
})

describe('ensureInstallationId', () => {
  it('mends a damaged file once, and works without links', async () => {
    const dir = await temporaryDir()
    await writeFile(path.join(dir, 'installation-id'), 'torn')
    const mended = await ensureInstallationId(dir)
    expect(mended).toMatch(/^[0-9a-f]{32}$/)
    expect(await ensureInstallationId(dir)).toBe(mended)

    const noLinks = {
      rename: async () => undefined,
      link: () => Promise.reject(new Error('EPERM')),
      rm: async () => undefined,
    }
    const plain = await temporaryDir()
    const made = await ensureInstallationId(plain, noLinks)
    expect(made).toMatch(/^[0-9a-f]{32}$/)
    expect(await ensureInstallationId(plain, noLinks)).toBe(made)
    expect(await readdir(plain)).toEqual(['installation-id'])
  })

  it('twenty processes starting together agree on one id', async () => {
    const script = await compileScript(`${START_BARRIER}
      import { ensureInstallationId } from '../../src/client/host/installation-id'
      await startBarrier()
      process.stdout.write(String(await ensureInstallationId(process.argv[2])))
    `)
    const dir = path.join(await temporaryDir(), 'fresh')
    const ids = await startTogether(Array.from({ length: 20 }, () => script([dir])))
    const kept = (await readFile(path.join(dir, 'installation-id'), 'utf8')).trim()
    expect(kept).toMatch(/^[0-9a-f]{32}$/)
    expect(ids).toEqual(Array(20).fill(kept))
  })
})
