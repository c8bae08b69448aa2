/**
 * Runs the life of a license on what runs JavaScript on desks and servers: Node 20.19, 22 and 24, Bun, and Deno, each with
 * the packed tarball as ES module and as CommonJS, and an executable of Bun. Downloads each from npm into a temporary
 * folder, where install scripts are off; prints what it found, or that it was left out where npm cannot be reached.
 * `npm run test:runtimes` builds first; for some only:
 *
 *   npm run test:runtimes -- 22 bun
 */
import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { leaveOut } from '../circumstances'
import { createConsumer, pack } from '../package/consumer'
import { isNpmReachable } from './from-npm'
import { LIFE, type Scene } from './life'
import { NETWORK } from './network'
import { compile, stageOf, writeProgram } from './programs'
import { download, type Runtime } from './runtimes'
import { playAll, setScene, tell } from './scenes'
import { startVendor } from './vendor'

const ALL = ['20.19', '22', '24', 'bun', 'deno']
const FORMS = ['mjs', 'cjs'] as const

const SERVER = {
  'serves licenses in Express, from memory': async ({ app }: Scene) => {
    await app.expect([], 'valid, valid, 1, freed, 0')
  },
}

const figures = { runtimes: [] as string[], starts: 0, parts: 0, failures: [] as string[] }

async function main(wanted: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-runtimes-'))
  try {
    const { tarball } = await pack(folder)
    const consumer = await createConsumer(tarball, { express: 'express' })
    try {
      for (const form of FORMS) {
        await writeProgram('app', form, consumer.folder)
        await writeProgram('server', form, consumer.folder)
      }
      const runtimes = await Promise.all(wanted.map((name) => download(name, folder)))
      await Promise.all(runtimes.map((runtime) => live(runtime, consumer.folder, folder)))
      await tell(
        'one data folder is one host for all of them',
        () => shareFolder(runtimes, consumer.folder, folder),
        figures,
      )
    } finally {
      await consumer.remove()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  console.log(`C13 ${JSON.stringify(figures)}`)
  process.exitCode = figures.failures.length === 0 ? 0 : 1
}

async function live(runtime: Runtime, programs: string, folder: string): Promise<void> {
  figures.runtimes.push(runtime.name)
  const vendor = await startVendor()
  try {
    for (const form of FORMS) {
      const where = `${runtime.name}, ${form}`
      const stage = stageOf(runtime, join(programs, `app.${form}`))
      await playAll({ ...LIFE, ...NETWORK }, { where, stage, vendor, folder }, figures)
      const server = stageOf(runtime, join(programs, `server.${form}`))
      await playAll(SERVER, { where, stage: server, vendor, folder }, figures)
    }
    if (!runtime.name.startsWith('bun')) return
    const stage = stageOf(await compile(runtime, join(programs, 'app.mjs'), folder))
    await playAll(LIFE, { where: `${runtime.name}, executable`, stage, vendor, folder }, figures)
  } finally {
    await vendor.close()
  }
}

/** An app that moves from one runtime to another keeps its host and its license. */
async function shareFolder(runtimes: readonly Runtime[], programs: string, folder: string): Promise<void> {
  const vendor = await startVendor()
  try {
    const licenseKey = await vendor.createKey()
    const dataDir = join(folder, 'shared')
    const hosts = new Set<string>()
    for (const runtime of runtimes) {
      const { app } = await setScene(stageOf(runtime, join(programs, 'app.mjs')), vendor, folder)
      const before = runtime === runtimes[0] ? 'not-activated' : 'valid'
      const options = { dataDir }
      await app.expect(['check', 'activate', 'refresh'], `${before}, valid, valid`, { licenseKey, options })
      const { said } = await app.start(['host'], { options: { dataDir, hostId: undefined } })
      hosts.add(said.join())
    }
    assert.equal(hosts.size, 1)
  } finally {
    await vendor.close()
  }
}

const { positionals } = parseArgs({ allowPositionals: true })
if (await isNpmReachable()) await main(positionals.length > 0 ? positionals : ALL)
else leaveOut('the runtimes come from npm, which cannot be reached')
