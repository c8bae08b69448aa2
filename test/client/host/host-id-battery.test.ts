import type { ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { type HostIdentity, resolveHostId } from '../../../src/client/host/host-id'
import type { MachineProbes } from '../../../src/client/host/machine-id'
import { printFigures } from '../figures'
import { compileScript } from '../processes'
import { temporaryDir } from '../temporary-dir'

const ADA = '5f0c3a9be1d24c7f8a6b2e4d90c1f37a'
const BOB = 'b1946ac92492d2347c6235b4d2611184'
const ETC = '/etc/machine-id'
const DBUS = '/var/lib/dbus/machine-id'

type Files = Readonly<Record<string, string>>

/** Two machines that a vendor must be able to tell apart, under one circumstance. */
interface Circumstance {
  readonly files: readonly [Files, Files]
  readonly expected: HostIdentity['source']
  readonly changes?: Partial<MachineProbes>
}

const both = (files: Files, changes: Partial<MachineProbes> = {}): Circumstance => ({
  files: [files, files],
  expected: 'installation',
  changes,
})

const own = (files: (machineId: string) => Files): Circumstance => ({
  files: [files(ADA), files(BOB)],
  expected: 'machine',
})

const hanging = () => new Promise<string>(() => undefined)
const windows = (readMachineId: () => Promise<string>) => both({}, { platform: 'win32', readMachineId })

const CIRCUMSTANCES: Readonly<Record<string, Circumstance>> = {
  'ids of their own': own((id) => ({ [ETC]: `${id}\n`, [DBUS]: `${id}\n` })),
  'only the dbus file': own((id) => ({ [DBUS]: id })),
  'an empty file, the other good': own((id) => ({ [ETC]: '', [DBUS]: id })),
  'a placeholder, the other good': own((id) => ({ [ETC]: 'uninitialized', [DBUS]: id })),
  'no files': both({}),
  'empty files': both({ [ETC]: '', [DBUS]: '' }),
  'a line break': both({ [ETC]: '\n' }),
  uninitialized: both({ [ETC]: 'uninitialized\n' }),
  zeros: both({ [ETC]: '0'.repeat(32) }),
  'all f': both({ [ETC]: 'f'.repeat(32) }),
  'the hostname': both({ [ETC]: 'ada-laptop' }),
  'the hash of nothing': both({ [ETC]: sha256('') }),
  'half an id': both({ [ETC]: ADA.slice(0, 16) }),
  'two ids in one line': both({ [ETC]: ADA + BOB }),
  'binary garbage': both({ [ETC]: '\u0000\ufffd\u0001'.repeat(11) }),
  'a page of HTML': both({ [ETC]: '<html>404</html>'.repeat(100) }),
  'a container’s image': both({ [ETC]: ADA }, { exists: (file) => file === '/.dockerenv' }),
  'a pod’s image': both({ [ETC]: ADA }, { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' } }),
  'Windows, REG.exe barred': windows(() => Promise.reject(new Error('access denied'))),
  'Windows, REG.exe missing': windows(async () => ''),
  'Windows, REG.exe hangs': windows(hanging),
  'Windows, an image’s GUID of zeros': windows(async () => '00000000-0000-0000-0000-000000000000'),
  'a platform without a command': both(
    {},
    { platform: 'openbsd', readMachineId: () => Promise.reject(new TypeError()) },
  ),
}

function probesOf(files: Files, changes: Partial<MachineProbes> = {}): MachineProbes {
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

/** What `machineIdSync()` makes of the same: the hash of the first line of `cat`, or else `hostname`; undefined: nothing. */
async function naiveId({ platform, readText, readMachineId, hostname }: MachineProbes): Promise<string | undefined> {
  if (platform !== 'linux') {
    const machineId = await Promise.race([readMachineId().catch(() => undefined), sleep(20, undefined)])
    return machineId === undefined ? undefined : sha256(machineId)
  }
  const texts = await Promise.all([DBUS, ETC].map((file) => readText(file).catch(() => undefined)))
  const printed = texts.some((text) => text === undefined) ? `${texts.join('')}${hostname()}` : texts.join('')
  return sha256(printed.split('\n')[0] ?? '')
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const figures = {
  circumstances: 0,
  collisions: 0,
  collisionsOfControl: 0,
  barriers: 0,
  processes: 0,
  disagreements: 0,
  disagreementsOfControl: 0,
}

printFigures('C01 C02', figures)

describe('two machines are two hosts, and stay the same', () => {
  it.each(Object.entries(CIRCUMSTANCES))('%s', async (_, { files, expected, changes }) => {
    const machines = await Promise.all(
      files.map(async (own) => ({ probes: probesOf(own, changes), dataDir: await temporaryDir() })),
    )
    const identify = () =>
      Promise.all(machines.map((machine) => resolveHostId({ appName: 'acme', hostId: undefined, ...machine })))
    const [first, second] = [await identify(), await identify()]
    expect(first.map(({ source }) => source)).toEqual([expected, expected])
    expect(second.map(({ hostId }) => hostId)).toEqual(first.map(({ hostId }) => hostId))
    expect(first[0]?.hostId).not.toBe(first[1]?.hostId)
    figures.circumstances++
    if (first[0]?.hostId === first[1]?.hostId) figures.collisions++
    const naive = await Promise.all(machines.map(({ probes }) => naiveId(probes)))
    if (naive[0] !== undefined && naive[0] === naive[1]) figures.collisionsOfControl++
  })

  it('while the bare machine id makes one host of most such pairs', () => {
    expect(figures.collisions).toBe(0)
    expect(figures.collisionsOfControl).toBeGreaterThan(figures.circumstances / 2)
  })
})

describe.runIf(process.platform === 'linux')('what stands on PATH', () => {
  it('has no say, however early; the bare machine id obeys it', async () => {
    const script = await compileScript(`
      import { findMachineId, SYSTEM_PROBES } from '../../src/client/host/machine-id'
      const found = await findMachineId(SYSTEM_PROBES)
      const library = await import('node-machine-id')
      const naive = await (library.default ?? library).machineId(true).catch(() => 'threw')
      process.stdout.write(JSON.stringify({ found, naive }))
    `)
    const fakes = await temporaryDir()
    await writeFile(path.join(fakes, 'cat'), `#!/bin/sh\necho ${BOB}\n`)
    await chmod(path.join(fakes, 'cat'), 0o755)
    const run = async (PATH: string): Promise<{ found: object; naive: string }> => {
      const child = script([], { PATH })
      let text = ''
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      await once(child, 'close')
      return JSON.parse(text)
    }
    const [plain, faked, none] = await Promise.all([
      run(process.env.PATH ?? ''),
      run(`${fakes}:${process.env.PATH}`),
      run(''),
    ])
    expect(faked.found).toEqual(plain.found)
    expect(none.found).toEqual(plain.found)
    expect(faked.naive).toBe(BOB)
    expect(plain.naive).not.toBe(BOB)
  })
})

const PROCESSES = 20
const BARRIERS = 50

/** Stands at a barrier for each line it is given, a fresh data folder, and prints the id it found or made there. */
const CONTENDER = (identify: string) => `
  import { randomBytes } from 'node:crypto'
  import { mkdir, readFile, writeFile } from 'node:fs/promises'
  import { createInterface } from 'node:readline'
  import { resolveHostId } from '../../src/client/host/host-id'
  const probes = { platform: 'linux', env: {}, exists: () => false, readText: async () => '', hostname: () => 'h' }
  process.stdout.write('ready\\n')
  for await (const dataDir of createInterface({ input: process.stdin })) {
    ${identify}
  }
`
const OURS = `
  const { hostId } = await resolveHostId({ appName: 'acme', dataDir, hostId: undefined, probes })
  process.stdout.write(hostId + '\\n')
`
/** Look, then make, then believe what one made: as many SDKs do. */
const NAIVE = `
  const file = dataDir + '/id'
  let id = await readFile(file, 'utf8').catch(() => '')
  if (id === '') {
    id = randomBytes(8).toString('hex')
    await mkdir(dataDir, { recursive: true })
    await writeFile(file, id)
  }
  process.stdout.write(id + '\\n')
`

describe('first starts of one app', () => {
  it(`${PROCESSES} processes at once, ${BARRIERS} times, agree on one host each time`, async () => {
    figures.processes = PROCESSES
    figures.barriers = BARRIERS
    figures.disagreements = await countDisagreements(OURS, BARRIERS)
    figures.disagreementsOfControl = await countDisagreements(NAIVE, BARRIERS)
    expect(figures.disagreements).toBe(0)
    expect(figures.disagreementsOfControl).toBeGreaterThan(0)
  })
})

/** How many times out of `rounds` the processes did not all say the same, or the folder says something else. */
async function countDisagreements(identify: string, rounds: number): Promise<number> {
  const script = await compileScript(CONTENDER(identify))
  const contenders = Array.from({ length: PROCESSES }, () => new Contender(script([])))
  try {
    await Promise.all(contenders.map((contender) => contender.nextLine()))
    let disagreements = 0
    for (let round = 0; round < rounds; round++) {
      const dataDir = path.join(await temporaryDir(), 'fresh')
      for (const contender of contenders) contender.enter(dataDir)
      const ids = new Set(await Promise.all(contenders.map((contender) => contender.nextLine())))
      if (ids.size !== 1) disagreements++
    }
    return disagreements
  } finally {
    for (const contender of contenders) contender.leave()
  }
}

class Contender {
  readonly #lines: AsyncIterator<string>

  constructor(private readonly child: ChildProcess) {
    if (child.stdout === null) throw new Error('the process has no output')
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  }

  enter(dataDir: string): void {
    this.child.stdin?.write(`${dataDir}\n`)
  }

  async nextLine(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('the process ended')
    return value
  }

  leave(): void {
    this.child.stdin?.end()
  }
}
