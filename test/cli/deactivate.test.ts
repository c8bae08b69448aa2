import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { keyslot } from './keyslot-process'
import { scratchFolder } from './scratch-folder'

describe('keyslot deactivate, as an uninstaller calls it', () => {
  it('is quiet and exits 0 where there is nothing to free', async () => {
    const nowhere = join(scratchFolder(), 'none')
    expect(await keyslot('deactivate', '--app', 'acme-editor', '--data-dir', nowhere)).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    expect(await keyslot('deactivate', '--app', '../..')).toEqual({ code: 0, stdout: '', stderr: '' })
  })

  it('exits 0 even when it is called wrongly, and says so', async () => {
    expect(await keyslot('deactivate')).toEqual({
      code: 0,
      stdout: '',
      stderr: "keyslot: required option '--app <name>' not specified\n",
    })
  })
})

/** What a machine that only uninstalls an app has not, or should not wait for. */
const HEAVY = ['express', 'better-sqlite3', 'zod']

describe('what a command loads', () => {
  it('is neither server nor schema nor driver, until an action asks for them', async () => {
    const { files, packages } = await loadedBy('index.ts')
    expect(packages).toEqual(['commander'])
    expect(files.filter((file) => /src\/(client|server)\//.test(file))).toEqual([
      'src/server/domain/calendar.ts',
      'src/server/domain/event.ts',
      // Lists of words, for the help and the choices of options.
      'src/server/storage/records.ts',
    ])
  })

  it('needs neither express nor a driver nor the server for deactivate', async () => {
    const { files, packages } = await loadedBy('actions/deactivate.ts')
    expect(packages.filter((name) => HEAVY.includes(name))).toEqual([])
    expect(files.filter((file) => /src\/(server|cli)\//.test(file))).toEqual(['src/cli/actions/deactivate.ts'])
  })

  it('needs neither express nor a driver for keys', async () => {
    const { packages } = await loadedBy('actions/keys.ts')
    expect(packages.filter((name) => HEAVY.includes(name))).toEqual(['zod'])
  })
})

/** The sources and packages loaded as soon as a module is, dynamic imports left out. */
async function loadedBy(module: string): Promise<{ files: readonly string[]; packages: readonly string[] }> {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL(`../../src/cli/${module}`, import.meta.url))],
    absWorkingDir: fileURLToPath(new URL('../..', import.meta.url)),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    outdir: 'unwritten',
    write: false,
    metafile: true,
  })
  const entry = Object.keys(metafile.outputs).find((name) => metafile.outputs[name]?.entryPoint?.endsWith(module))
  const files = new Set<string>()
  const packages = new Set<string>()
  collect(metafile, entry ?? '', files, packages)
  return { files: [...files].sort(), packages: [...packages].sort() }
}

function collect({ outputs }: Metafile, name: string, files: Set<string>, packages: Set<string>): void {
  for (const file of Object.keys(outputs[name]?.inputs ?? {})) files.add(file)
  for (const { path, kind, external } of outputs[name]?.imports ?? []) {
    if (kind !== 'import-statement' || path.startsWith('node:')) continue
    if (external) packages.add(path)
    else collect({ inputs: {}, outputs }, path, files, packages)
  }
}
