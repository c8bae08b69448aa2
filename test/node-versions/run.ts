/**
 * Runs the client half on other versions of Node: its tests, the packed tarball as ES module, as CommonJS and bundled,
 * and an app made into one executable file. Downloads each Node from npm into a temporary folder, where install scripts
 * are off. `npm run test:node-versions` builds first; for some versions only:
 *
 *   npm run test:node-versions -- 20.19 24
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { type Consumer, createConsumer, pack, ROOT } from '../package/consumer'
import { checkCombinations } from './combinations'
import { checkSingleExecutable } from './single-executable'
import { startVendor } from './vendor'

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
  const postject = join(await install(POSTJECT), 'node_modules/postject/dist/cli.js')
  for (const version of positionals.length > 0 ? positionals : VERSIONS) {
    await tryVersion(await download(version), { postject, bare })
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

/** Returns the path of the executable. */
async function download(version: string): Promise<string> {
  const system = process.platform === 'win32' ? 'win' : process.platform
  const name = `node-${system}-${process.arch}`
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  return join(await install(`${name}@${version}`), 'node_modules', name, file)
}

/** Installs a package by itself; returns the folder. */
async function install(specifier: string): Promise<string> {
  const own = join(folder, specifier)
  await mkdir(own)
  const quietly = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--silent']
  await runFile('npm', ['install', ...quietly, '--prefix', own, specifier])
  return own
}

async function runTests(node: string): Promise<void> {
  const vitest = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'express5', ...TESTS]
  const child = spawn(node, [...vitest, '--reporter', 'dot'], { cwd: ROOT, stdio: 'inherit' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`the tests ended with ${code}`)
}
