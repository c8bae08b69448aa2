/**
 * The client kit on Windows, as far as Wine shows it: the real node.exe from npm plays the life of a license, the server
 * being on this computer. Prints what it found, or that it was left out. `npm run test:wine` builds first.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leaveOut } from '../circumstances'
import { createConsumer, pack } from '../package/consumer'
import { isNpmReachable } from '../runtimes/from-npm'
import type { Stage } from '../runtimes/installation'
import { LIFE } from '../runtimes/life'
import { NETWORK } from '../runtimes/network'
import { writeProgram } from '../runtimes/programs'
import { playAll } from '../runtimes/scenes'
import { startVendor } from '../runtimes/vendor'
import { windowsParts } from './parts'
import { hasWine, startWindows } from './wine'

/** Wine 8 now and then ends one of several node.exe that start at the same moment. */
const CROWD = 'is one host, however many start at once'

const figures = { starts: 0, parts: 0, failures: [] as string[] }

async function main(): Promise<void> {
  // Names that people have, in every path.
  const folder = await mkdtemp(join(tmpdir(), 'keyslot Käthe Müller '))
  const windows = await startWindows(folder)
  const vendor = await startVendor()
  const { tarball } = await pack(folder)
  const consumer = await createConsumer(tarball)
  try {
    const doctor = windows.pathOf(join(consumer.folder, 'node_modules/keyslot/dist/cli/index.js'))
    const program = windows.pathOf(await writeProgram('app', 'mjs', consumer.folder))
    const stage: Stage = {
      pathOf: windows.pathOf,
      run: async (setupFile, env) => {
        await windows.node([program, setupFile], env)
      },
    }
    const { [CROWD]: _crowd, ...alone } = LIFE
    const parts = { ...alone, ...NETWORK, ...windowsParts(windows, doctor) }
    await playAll(parts, { where: 'Windows', stage, vendor, folder }, figures)
  } finally {
    await consumer.remove()
    await vendor.close()
    await windows.close()
    await rm(folder, { recursive: true, force: true })
  }
  console.log(`C14 ${JSON.stringify(figures)}`)
  process.exitCode = figures.failures.length === 0 ? 0 : 1
}

if (!hasWine()) leaveOut('Windows needs Wine (apt-get install -y --no-install-recommends wine wine64)')
else if (!(await isNpmReachable())) leaveOut('node.exe comes from npm, which cannot be reached')
else await main()
