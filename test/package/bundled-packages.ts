import { readdir } from 'node:fs/promises'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { type BuildOptions, build, type Metafile } from 'esbuild'
import { ROOT } from './consumer'

const ENTRIES = ['server', 'client', 'storage', 'storage/sqlite', 'storage/postgres', 'testing', 'protocol']

interface Dependencies {
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

/**
 * Bundles the sources anew, as the package promises: ES modules without what it depends on, CommonJS with jose.
 * @returns paths of the files of other packages that this leaves something of
 */
export async function bundledFiles({ dependencies, peerDependencies }: Dependencies): Promise<readonly string[]> {
  const peers = Object.keys(peerDependencies)
  const esm = {
    format: 'esm',
    external: [...peers, ...Object.keys(dependencies)],
  } satisfies BuildOptions
  const cjs = { format: 'cjs', external: peers } satisfies BuildOptions
  const files = await Promise.all([filesIn([...ENTRIES, 'cli'], esm), filesIn(ENTRIES, cjs)])
  return [...new Set(files.flat())]
}

export function packageOf(file: string): string {
  return /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? ''
}

/** Names of the packages that the programs in a folder import or require. */
export async function packagesAskedFor(folder: string): Promise<readonly string[]> {
  const programs = (await readdir(folder, { recursive: true })).filter((file) => /\.c?js$/.test(file))
  const { outputs } = await analysed({
    entryPoints: programs.map((file) => ({ in: join(folder, file), out: file })),
    format: 'esm',
    packages: 'external',
  })
  const asked = Object.values(outputs).flatMap(({ imports }) =>
    imports.flatMap((found) => (found.external ? found.path : [])),
  )
  const packages = asked.filter((specifier) => !isBuiltin(specifier))
  return [...new Set(packages.map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier))]
}

async function filesIn(entries: readonly string[], options: BuildOptions): Promise<readonly string[]> {
  const { outputs } = await analysed({
    ...options,
    entryPoints: entries.map((entry) => join(ROOT, 'src', entry, 'index.ts')),
    splitting: options.format === 'esm',
  })
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([path, { bytesInOutput }]) => path.includes('node_modules/') && bytesInOutput > 0)
    .map(([path]) => path)
}

async function analysed(options: BuildOptions): Promise<Metafile> {
  const shared = { bundle: true, platform: 'node', outdir: 'nowhere', write: false, logLevel: 'error' } as const
  const { metafile } = await build({ ...shared, ...options, absWorkingDir: ROOT, metafile: true })
  return metafile
}
