/**
 * Battery C01 on the real file system, as root on Linux: each case runs in a mount namespace of its own (`unshare -m`),
 * in which the machine-id files, /bin/sh and PATH are what the case says. `npm run test:host-id` prints the figures and
 * ends with 1 where two machines became one host, or one machine two; where it may not make mounts, it says so and ends
 * with 0. The injected tables of host-id-battery.test.ts need no root.
 */
import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { canMountPrivately, leaveOut } from '../circumstances'

const ADA = '5f0c3a9be1d24c7f8a6b2e4d90c1f37a'
const BOB = 'b1946ac92492d2347c6235b4d2611184'

/** The content of /etc/machine-id and /var/lib/dbus/machine-id; absent: no such file. */
interface Machine {
  readonly etc?: string
  readonly dbus?: string
}

interface Case {
  readonly machines: readonly [Machine, Machine]
  readonly source: 'machine' | 'installation'
  /** More of the same for both: shell commands, run before. */
  readonly setup?: string
  readonly path?: string
}

const same = (machine: Machine): Case => ({ machines: [machine, machine], source: 'installation' })
const good = (more: Partial<Case> = {}): Case => ({
  machines: [
    { etc: ADA, dbus: ADA },
    { etc: BOB, dbus: BOB },
  ],
  source: 'machine',
  ...more,
})

/** @param tools a folder with a fake `cat` in it */
const casesWith = (tools: string): Readonly<Record<string, Case>> => ({
  'good ids': good(),
  'only dbus': { machines: [{ dbus: ADA }, { dbus: BOB }], source: 'machine' },
  'etc empty, dbus good': {
    machines: [
      { etc: '', dbus: ADA },
      { etc: '', dbus: BOB },
    ],
    source: 'machine',
  },
  'both empty': same({ etc: '', dbus: '' }),
  'both missing': same({}),
  uninitialized: same({ etc: 'uninitialized' }),
  zeros: same({ etc: '0'.repeat(32), dbus: '0'.repeat(32) }),
  garbage: same({ etc: '\u0001\u0002 not an id', dbus: '<html>' }),
  'no PATH': good({ path: '' }),
  'no sh': good({ setup: 'mount --bind /dev/null "$(readlink -f /bin/sh)"' }),
  'no sh, no ids': { ...same({}), setup: 'mount --bind /dev/null "$(readlink -f /bin/sh)"' },
  'a fake cat first on PATH': good({ path: `${tools}:${process.env.PATH}` }),
  'a fake cat, no ids': { ...same({}), path: `${tools}:${process.env.PATH}` },
})

/** What one process in there makes of it; `naive` is `machineIdSync()`, null where that throws. */
interface Identity {
  readonly hostId: string
  readonly source: string
  readonly naive: string | null
}

/** Containers are told by files of the root that no namespace can hide; the injected tables have them. */
const IDENTIFY = `
  import { machineIdSync } from 'node-machine-id'
  import { resolveHostId } from '../../src/client/host/host-id'
  import { SYSTEM_PROBES } from '../../src/client/host/machine-id'
  const probes = { ...SYSTEM_PROBES, env: {}, exists: () => false }
  const { hostId, source } = await resolveHostId({ appName: 'acme', dataDir: process.argv[2], hostId: undefined, probes })
  let naive = null
  try {
    naive = machineIdSync()
  } catch {}
  process.stdout.write(JSON.stringify({ hostId, source, naive }))
`

if (canMountPrivately()) process.exitCode = await inScratchFolder()
else leaveOut('host ids on a real file system need root on Linux, and the right to make mounts (unshare -m)')

async function inScratchFolder(): Promise<number> {
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'keyslot-mounts-'))
  try {
    return (await runBattery(scratch)) ? 0 : 1
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function runBattery(scratch: string): Promise<boolean> {
  const script = path.join(scratch, 'identify.mjs')
  await build({
    stdin: { contents: IDENTIFY, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)" },
    outfile: script,
  })
  const tools = path.join(scratch, 'tools')
  await mkdir(tools)
  await writeFile(path.join(tools, 'cat'), `#!/bin/sh\necho ${'c'.repeat(31)}d\n`)
  await chmod(path.join(tools, 'cat'), 0o755)

  const cases = casesWith(tools)
  const figures = { cases: 0, wrongSources: 0, unstable: 0, collisions: 0, collisionsOfControl: 0 }
  for (const [name, { machines, source, setup = '', path: PATH = process.env.PATH }] of Object.entries(cases)) {
    const folder = path.join(scratch, String(figures.cases++))
    const run = async (machine: Machine, index: number): Promise<Identity> => {
      const commands = [...mountsFor(machine, path.join(folder, `etc-${index}`)), setup].filter((line) => line !== '')
      const node = `exec "$NODE" "$SCRIPT" "${path.join(folder, `data-${index}`)}"`
      const env = { ...process.env, NODE: process.execPath, SCRIPT: script, CASE_PATH: PATH ?? '' }
      const text = [...commands, 'export PATH="$CASE_PATH"', node].join(' && ')
      const { stdout } = await promisify(execFile)('unshare', ['-m', '/bin/sh', '-c', text], { env })
      return JSON.parse(stdout) as Identity
    }
    const [ada, bob] = [await run(machines[0], 0), await run(machines[1], 1)]
    const again = await run(machines[0], 0)
    const shared = ada.hostId === bob.hostId
    const sharedByControl = ada.naive !== null && ada.naive === bob.naive
    if (ada.source !== source || bob.source !== source) figures.wrongSources++
    if (again.hostId !== ada.hostId) figures.unstable++
    if (shared) figures.collisions++
    if (sharedByControl) figures.collisionsOfControl++
    const control = sharedByControl ? `shared ${ada.naive?.slice(0, 8)}…` : ada.naive === null ? 'throws' : 'apart'
    process.stdout.write(
      `${name.padEnd(26)} ${ada.source.padEnd(13)} ${shared ? 'SHARED' : 'apart'}  bare id: ${control}\n`,
    )
  }
  process.stdout.write(`C01 ${JSON.stringify(figures)}\n`)
  const { wrongSources, unstable, collisions, collisionsOfControl } = figures
  return wrongSources + unstable + collisions === 0 && collisionsOfControl > 0
}

/** A private /etc with that machine-id file, and a private /var/lib with that of dbus. */
function mountsFor({ etc, dbus }: Machine, copy: string): readonly string[] {
  const write = (text: string | undefined, file: string) =>
    text === undefined ? `rm -f ${file}` : `printf %s '${text}' > ${file}`
  return [
    `mkdir -p "${copy}"`,
    `mount -t tmpfs tmpfs "${copy}"`,
    `cp -a /etc/. "${copy}"`,
    write(etc, `"${copy}/machine-id"`),
    `mount --bind "${copy}" /etc`,
    'mount -t tmpfs tmpfs /var/lib',
    'mkdir /var/lib/dbus',
    write(dbus, '/var/lib/dbus/machine-id'),
  ]
}
