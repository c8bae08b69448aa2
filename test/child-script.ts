import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { afterAll } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Packages that are many small modules of pure JavaScript: one file loads sooner. */
const BUNDLED = /^(commander|@commander-js|csv-parse|jose|lru-cache|zod)(\/|$)/

/** Imports of the package by its name mean its sources, as in vitest.config.ts. */
const OWN = /^keyslot\/(.+)$/
const OWN_FILES: Readonly<Record<string, string>> = {
  server: 'server/index.ts',
  client: 'client/index.ts',
  storage: 'storage/index.ts',
  'storage/sqlite': 'storage/sqlite/index.ts',
  'storage/postgres': 'storage/postgres/index.ts',
  testing: 'testing/index.ts',
  protocol: 'protocol/index.ts',
}

let folder: string | undefined
const compiled = new Map<string, Promise<string>>()

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

/**
 * A script in TypeScript as a file that Node runs: compiled once for all tests of a file, with all sources that it imports,
 * where tsx would compile them in each process.
 *
 * @param script a path, or source text that imports as from a folder
 */
export function childScript(script: string | { readonly source: string; readonly folder: string }): Promise<string> {
  const name = typeof script === 'string' ? script : script.source
  const known = compiled.get(name)
  if (known !== undefined) return known
  const made = compile(script, `script-${compiled.size}.mjs`)
  compiled.set(name, made)
  return made
}

async function compile(script: Parameters<typeof childScript>[0], name: string): Promise<string> {
  folder ??= mkdtempSync(join(tmpdir(), 'keyslot-script-'))
  const outfile = join(folder, name)
  await build({
    ...(typeof script === 'string'
      ? { entryPoints: [script] }
      : { stdin: { contents: script.source, resolveDir: script.folder, loader: 'ts' } }),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    // For CommonJS packages bundled into a module.
    banner: {
      js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url)",
    },
    plugins: [whereTheyAre],
    outfile,
  })
  return outfile
}

/** Sources find the files beside them, and packages are loaded from where they are installed. */
const whereTheyAre: Plugin = {
  name: 'modules where they are',
  setup({ onResolve, onLoad, resolve }) {
    onResolve({ filter: OWN }, ({ path }) => ({
      path: join(ROOT, 'src', OWN_FILES[path.replace(OWN, '$1')] ?? path),
    }))
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, pluginData, importer, resolveDir }) => {
      if (pluginData === whereTheyAre || path.startsWith('node:') || kind === 'entry-point') return undefined
      const isInPackage = importer.includes('/node_modules/')
      const found = await resolve(path, {
        kind,
        importer,
        resolveDir: isInPackage ? resolveDir : ROOT,
        pluginData: whereTheyAre,
      })
      return isInPackage || found.external || BUNDLED.test(path) ? found : { path: found.path, external: true }
    })
    onLoad({ filter: /\.m?ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }))
  },
}
