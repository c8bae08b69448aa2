/**
 * Runs the client half on other versions of Node: its tests, the packed tarball as ES module, as CommonJS and bundled,
 * and an app made into one executable file. Downloads each Node from npm into a temporary folder, where install scripts
 * are off. `npm run test:node-versions` builds first; for some versions only:
 *
 *   npm run test:node-versions -- 20.19 24
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { type Consumer, createConsumer, pack, ROOT } from '../package/consumer'
import { installAlone } from '../runtimes/from-npm'
import { download } from '../runtimes/runtimes'
import { startVendor } from '../runtimes/vendor'
import { checkCombinations } from './combinations'
import { checkSingleExecutable } from './single-executable'

const runFile = promisify(execFile)

/** The lowest that is supported, and the two long-term versions after it. */
const VERSIONS = ['20.19', '22', '24']
const TESTS = ['test/client', 'test/package/bundlers.test.ts']
const POSTJECT = 'postject@1.0.0-alpha.6'

const { positionals } = parseArgs({ allowPositionals: true })
const folder = await mkdtemp(join(tmpdir(), 'keyslot-node-'))
const vendor = await startVendor()
const { tarball } = await pack(folder)
const bare = await createConsumer(tarball)
const figures = { versions: [] as string[], combinations: 0, executables: 0, testRuns: 0, failures: [] as string[] }
try {
  const postject = join(await installAlone(folder, POSTJECT), 'dist/cli.js')
  for (const version of positionals.length > 0 ? positionals : VERSIONS) {
    await tryVersion((await download(version, folder)).executable, { postject, bare })
  }
} finally {
  await bare.remove()
  await vendor.close()
  await rm(folder, { recursive: true })
}
console.log(`C10 ${JSON.stringify(figures)}`)
process.exitCode = figures.failures.length === 0 ? 0 : 1

async function tryVersion(node: string, { postject, bare }: { postject: string; bare: Consumer }): Promise<void> {
  const version = (await runFile(node, ['--version'])).stdout.trim()
  figures.versions.push(version)
  await tell(`Node ${version}: every entry loads without peers, as ES module and as CommonJS`, async () => {
    figures.combinations += await checkCombinations(node, bare)
  })
  await tell(`Node ${version}: a single executable activates, checks, deactivates`, async () => {
    await checkSingleExecutable(node, postject, folder, vendor)
    figures.executables++
  })
  await tell(`Node ${version}: the client's tests`, async () => {
    await runTests(node)
    figures.testRuns++
  })
}

/** What fails is told and counted, and the rest is tried all the same. */
async function tell(title: string, work: () => Promise<void>): Promise<void> {
  try {
    await work()
    console.log(`ok  ${title}`)
  } catch (error) {
    figures.failures.push(title)
    console.error(`NOT ${title}`, error)
  }
}

async function runTests(node: string): Promise<void> {
  const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'express5', ...TESTS]
  const child = spawn(node, [...vitest, '--reporter', 'dot'], { cwd: ROOT, stdio: 'inherit' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the tests ended with ${code}`)
}
