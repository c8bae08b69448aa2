import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { ROOT } from '../package/consumer'
import { APP, type AppReport, appSetup, GOOD_LIFE } from '../package/shipped-app'
import type { Vendor } from '../runtimes/vendor'

const run = promisify(execFile)

/** Says in an executable of Node that a program was put in. @see Node's documentation of single executable applications */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** One CommonJS file that needs nothing but Node's own modules: all that a single executable takes. */
async function bundleApp(outfile: string): Promise<void> {
  await build({
    stdin: { contents: APP.esm, resolveDir: ROOT },
    alias: { 'keyslot/client': join(ROOT, 'dist/client/index.js') },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  })
}

/**
 * Makes one executable file of an app and this Node, as its documentation says, and runs it against the vendor's server.
 * @param postject the tool that puts a program into an executable
 * @throws where the app does not live as it should
 */
export async function checkSingleExecutable(node: string, postject: string, folder: string, vendor: Vendor) {
  const own = await mkdtemp(join(folder, 'executable-'))
  const bundle = join(own, 'app.cjs')
  const blob = join(own, 'app.blob')
  const executable = join(own, 'acme')
  await bundleApp(bundle)
  const config = { main: bundle, output: blob, disableExperimentalSEAWarning: true }
  await writeFile(join(own, 'sea.json'), JSON.stringify(config))
  await run(node, ['--experimental-sea-config', join(own, 'sea.json')])
  await copyFile(node, executable)
  await chmod(executable, 0o755)
  await run(process.execPath, [postject, executable, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', FUSE])

  const setup = appSetup({ ...vendor.options, dataDir: join(own, 'data') }, await vendor.createKey())
  const { stdout } = await run(executable, [], { env: setup, timeout: 60_000 })
  const report: AppReport = JSON.parse(stdout)
  assert.deepEqual({ life: report.life, outcome: report.outcome }, { life: GOOD_LIFE, outcome: 'not-activated' })
  await rm(own, { recursive: true })
}
