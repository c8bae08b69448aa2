import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { temporaryDir } from '../client/temporary-dir'

const folder = import.meta.dirname
const client = fileURLToPath(new URL('../../src/client/index.ts', import.meta.url))

/** The example's settings are a vendor's to write. */
const ownSettings: Plugin = {
  name: 'settings of the test',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/licensing$/ }, () => ({ path: path.join(folder, 'electron-licensing.ts') }))
  },
}

let compiled: Promise<string> | undefined

/** Compiles the Electron example as its build does, as CommonJS, with a stand-in for Electron; returns the file. */
export function compileElectron(): Promise<string> {
  compiled ??= compile()
  return compiled
}

async function compile(): Promise<string> {
  const outfile = path.join(await temporaryDir(), 'electron.cjs')
  await build({
    entryPoints: [path.join(folder, 'run-electron-example.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    alias: { electron: path.join(folder, 'electron-shim.ts'), 'keyslot/client': client },
    plugins: [ownSettings],
    outfile,
  })
  return outfile
}
