import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'

/** The sources and packages loaded as soon as a module of the command line is, dynamic imports left out. */
export async function loadedBy(module: string): Promise<{ files: readonly string[]; packages: readonly string[] }> {
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
