import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { ROOT } from '../package/consumer'
import type { Stage } from './installation'
import type { Runtime } from './runtimes'

const runFile = promisify(execFile)

/** Long: what hangs is ended, and a busy computer is not. */
const TIMEOUT_MS = 120_000

/**
 * Writes a program of this folder beside the packages that it uses, which stay outside of it.
 * @param form the file's extension: an ES module or CommonJS
 * @returns the path of its file
 */
export async function writeProgram(name: 'app' | 'server', form: 'mjs' | 'cjs', folder: string): Promise<string> {
  const outfile = join(folder, `${name}.${form}`)
  await build({
    entryPoints: [join(ROOT, `test/runtimes/${name}.ts`)],
    outfile,
    bundle: true,
    external: ['keyslot/*', 'express'],
    platform: 'node',
    format: form === 'mjs' ? 'esm' : 'cjs',
    logLevel: 'error',
  })
  return outfile
}

/** Where a runtime runs this program. An executable file is its own. */
export function stageOf(runtime: Runtime, program?: string): Stage {
  const { executable, args } = runtime
  return {
    pathOf: (file) => file,
    async run(setupFile, env) {
      await runFile(executable, [...(program === undefined ? [] : [...args, program]), setupFile], {
        env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
        timeout: TIMEOUT_MS,
      })
    },
  }
}

/** Makes one executable file of Bun and a program. */
export async function compile(bun: Runtime, program: string, folder: string): Promise<Runtime> {
  const executable = join(folder, 'acme')
  await runFile(bun.executable, ['build', '--compile', program, '--outfile', executable], { timeout: TIMEOUT_MS })
  return { ...bun, executable }
}
