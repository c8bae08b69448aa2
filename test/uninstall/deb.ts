/**
 * Installs, upgrades and removes a real Debian package whose `prerm` is the example's, with apps activated by several
 * users. Needs root on a Debian, and `unshare`, and says so where it is left out; nothing of the system is changed.
 * `npm run test:deb`.
 */
import { strict as assert } from 'node:assert'
import { execFile, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { canMountPrivately, leaveOut } from '../circumstances'
import { buildPackage, PACKAGE } from './example-package'
import { type LicenseServer, startLicenseServer, type Weather } from './license-server'
import { createPrivateSystem, type PrivateSystem, type User } from './private-system'

const runFile = promisify(execFile)
/** The hook takes three seconds, and is stopped after five; the rest is dpkg's, on a busy machine. */
const MAX_REMOVAL_MS = 6_500
/** What else dpkg calls a `prerm` with. */
const OTHER_CALLS = [
  'upgrade 1.0.1',
  'failed-upgrade 1.0.0',
  'deconfigure in-favour other 1.0 removing old 1.0',
  'remove in-favour other 1.0',
  'purge',
  '',
]

/** Runs this script again in mounts of its own; returns its exit code. */
function runPrivately(): number {
  if (!existsSync('/usr/bin/dpkg-deb') || !canMountPrivately()) {
    leaveOut('a real package needs a Debian, root, and the right to make mounts (unshare -m)')
    return 0
  }
  const folder = mkdtempSync(join(tmpdir(), 'keyslot-deb-'))
  try {
    const args = ['-m', process.execPath, ...process.execArgv, fileURLToPath(import.meta.url), folder]
    const { status } = spawnSync('unshare', args, { stdio: 'inherit' })
    assert.deepEqual(readdirSync(folder), [], 'nothing is left below the folder')
    assert.notEqual(spawnSync('dpkg', ['-s', PACKAGE], { stdio: 'ignore' }).status, 0, 'the package is not installed')
    return status ?? 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const figures = { removals: 0, longestRemovalMs: 0, seatsFreedOnline: 0, ticketsDelivered: 0 }

interface Installation {
  readonly server: LicenseServer
  readonly prefix: string
  readonly first: string
  readonly second: string
  /** As the first, but its hook acts whatever it is called for. */
  readonly careless: string
}

async function tell(system: PrivateSystem): Promise<void> {
  const prefix = join(system.root, 'opt', PACKAGE)
  const placement = { prefix, homes: system.homes }
  const server = await startLicenseServer()
  const installation = {
    server,
    prefix,
    first: await buildPackage(system.root, '1.0.0', placement),
    second: await buildPackage(system.root, '1.0.1', placement),
    careless: await buildPackage(system.root, '1.0.0-careless', { ...placement, careless: true }),
  }
  try {
    await throughTheLifeOfAPackage(system, installation)
    console.log(`C09 ${JSON.stringify(figures)}`)
  } finally {
    await server.close()
  }
}

/** One long function, since it is a story: each step stands on what the last one left. */
async function throughTheLifeOfAPackage(
  system: PrivateSystem,
  { server, prefix, first, second, careless }: Installation,
) {
  const ada = system.addUser('ada')
  const bob = system.addUser('bob')
  const root: User = { name: 'root', uid: 0, home: join(system.root, 'roots-home') }
  const unlisted = system.addUser('from-ldap', { listed: false })
  const everybody = [ada, bob, root, unlisted]

  const app = async (user: User, command: string, licenseKey = ''): Promise<string> => {
    const options = JSON.stringify({ ...server.appOptions, appName: PACKAGE, hostId: `host-of-${user.name}` })
    const args = [
      `--reuid=${user.uid}`,
      `--regid=${user.uid}`,
      '--clear-groups',
      '--',
      'env',
      '-i',
      `HOME=${user.home}`,
    ]
    const program = [join(prefix, PACKAGE), join(prefix, 'resources/app.cjs'), options, command, licenseKey]
    return (await runFile('setpriv', [...args, ...program])).stdout
  }
  const activate = async (...users: readonly User[]) => {
    for (const user of users) assert.equal(await app(user, 'activate', server.licenseKey), 'valid')
  }
  const expectTaken = async (expected: number, when: string) => assert.equal(await server.taken(), expected, when)

  await step('installed and activated by four users', async () => {
    await dpkg('-i', first)
    await activate(...everybody)
    await expectTaken(4, 'after activating')
  })

  await step('upgraded, and downgraded: every seat kept', async () => {
    await dpkg('-i', second)
    await dpkg('-i', first)
    await expectTaken(4, 'after an upgrade')
    for (const user of everybody) assert.equal(await app(user, 'check'), 'valid')
  })

  await step('called otherwise than for a removal: nothing', async () => {
    const prerm = `/var/lib/dpkg/info/${PACKAGE}.prerm`
    for (const call of OTHER_CALLS) {
      const { stdout, stderr } = await runFile(prerm, call.split(' '))
      assert.equal(stdout + stderr, '', call)
    }
    await expectTaken(4, 'after calls that are no removal')
  })

  await step('removed online: every seat freed, as its own user', async () => {
    const carol = system.addUser('carol', { home: join(system.root, 'srv/carol'), listed: false })
    const mallory = system.addUser('mallory')
    linkDataFolder(mallory, carol)
    await activate(carol)
    const ms = await remove()
    await expectTaken(1, 'after the removal: all but the one another user had linked to')
    figures.seatsFreedOnline = everybody.length
    for (const user of everybody) assert.deepEqual(keptFiles(user), [], `${user.name} keeps no license`)
    for (const user of [ada, bob, unlisted]) assertOwned(user)
    assert.ok(keptFiles(carol).includes('license.json'))
    await dpkg('-P', PACKAGE)
    return ms
  })

  const seatsBefore = await server.taken()
  for (const weather of ['offline', 'hangs', 'fails'] satisfies Weather[]) {
    await step(
      `removed while the server ${weather === 'offline' ? 'is offline' : weather}: a ticket left`,
      async () => {
        await dpkg('-i', first)
        await activate(ada, bob)
        await server.turn(weather)
        const ms = await remove()
        await server.turn('fine')
        await expectTaken(seatsBefore + 2, 'nothing could be freed')
        for (const user of [ada, bob]) assert.match(keptFiles(user).join(), /^uninstall-.+\.ticket$/)
        assertOwned(ada)
        return ms
      },
    )

    await step('installed again: its first contact delivers the ticket', async () => {
      await dpkg('-i', second)
      for (const user of [ada, bob]) assert.equal(await app(user, 'refresh'), 'not-activated')
      await expectTaken(seatsBefore, 'after the delivery')
      figures.ticketsDelivered += 2
      await dpkg('-P', PACKAGE)
    })
  }

  await step('removed with its program gone, or its script broken: removed all the same', async () => {
    for (const file of [PACKAGE, 'resources/uninstall.cjs']) {
      await dpkg('-i', first)
      rmSync(join(prefix, file))
      await remove()
    }
    assert.equal(existsSync(prefix), false)
  })

  await step(
    'control: a hook that does not ask what it is called for gives the license back on an upgrade',
    async () => {
      await dpkg('-i', careless)
      await activate(ada)
      await dpkg('-i', second)
      await expectTaken(seatsBefore, 'the seat that the careless hook freed')
      await dpkg('-P', PACKAGE)
    },
  )
}

/** Removes the package as `apt remove` does; returns how long that took. */
async function remove(): Promise<number> {
  const startedAt = performance.now()
  const output = await dpkg('-r', PACKAGE)
  const ms = Math.round(performance.now() - startedAt)
  figures.removals++
  figures.longestRemovalMs = Math.max(figures.longestRemovalMs, ms)
  assert.ok(ms <= MAX_REMOVAL_MS, `removal took ${ms} ms`)
  const own = output.split('\n').filter((line) => !/^(\(Reading|Removing |dpkg: warning: |$)/.test(line))
  assert.deepEqual(own, [], 'the hook says nothing')
  return ms
}

/** @throws what dpkg says, where it fails */
async function dpkg(...args: string[]): Promise<string> {
  const { stdout, stderr } = await runFile('dpkg', ['--log=/dev/null', ...args])
  return stdout + stderr
}

function dataFolder({ home }: User): string {
  return join(home, '.local/share', PACKAGE, 'keyslot')
}

function keptFiles(user: User): string[] {
  return readdirSync(dataFolder(user)).filter((name) => name === 'license.json' || name.endsWith('.ticket'))
}

/** What a user can do to make root work in somebody else's folder. */
function linkDataFolder(user: User, victim: User): void {
  mkdirSync(join(user.home, '.local/share'), { recursive: true })
  symlinkSync(join(victim.home, '.local/share', PACKAGE), join(user.home, '.local/share', PACKAGE))
}

function assertOwned(user: User): void {
  const folder = dataFolder(user)
  for (const file of ['.', ...readdirSync(folder)]) {
    assert.equal(statSync(join(folder, file)).uid, user.uid, `${file} belongs to ${user.name}`)
  }
}

async function step(title: string, act: () => Promise<unknown>): Promise<void> {
  const ms = await act()
  console.log(`ok  ${title}${typeof ms === 'number' ? ` (dpkg -r: ${ms} ms)` : ''}`)
}

const [, , folder] = process.argv
if (folder === undefined) process.exit(runPrivately())
else await tell(createPrivateSystem(folder))
