import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineConfig, type Options } from 'tsup'

const entry = {
  'server/index': 'src/server/index.ts',
  'client/index': 'src/client/index.ts',
  'storage/index': 'src/storage/index.ts',
  'storage/sqlite': 'src/storage/sqlite/index.ts',
  'storage/postgres': 'src/storage/postgres/index.ts',
  'testing/index': 'src/testing/index.ts',
  'protocol/index': 'src/protocol/index.ts',
}

type Plugin = NonNullable<Options['esbuildPlugins']>[number]

/**
 * Ships node-machine-id as an ES module of ours, loaded lazily as before. As it comes, it asks for Node's own modules by
 * `require`, which an app that is bundled into an ES module has none of: the host would silently be known by another id.
 */
const machineIdAsModule: Plugin = {
  name: 'node-machine-id as ES module',
  setup({ onLoad }) {
    onLoad({ filter: /node-machine-id[\\/]dist[\\/]index\.js$/ }, async ({ path }) => ({
      contents: `/*! node-machine-id\n${await readFile(join(path, '../../LICENSE'), 'utf8')}*/
        const require = (name) => process.getBuiltinModule(name)
        const module = { exports: {} }
        const { exports } = module
        ${await readFile(path, 'utf8')}
        export default module.exports`,
    }))
  },
}

const shared = {
  platform: 'node',
  target: 'node20',
  outDir: 'dist',
  sourcemap: true,
  treeshake: true,
  esbuildPlugins: [machineIdAsModule],
} satisfies Options

export default defineConfig([
  {
    ...shared,
    entry: { ...entry, 'cli/index': 'src/cli/index.ts' },
    format: 'esm',
    splitting: true,
    noExternal: ['node-machine-id'],
    dts: { entry },
    esbuildOptions(options) {
      options.chunkNames = 'chunks/[name]-[hash]'
    },
  },
  {
    ...shared,
    entry,
    format: 'cjs',
    splitting: false,
    // Left to esbuild, which keeps what a lazily loaded part requires from being required at the start.
    treeshake: false,
    dts: { entry },
    // jose is ESM only: `require` of it fails wherever require(esm) is off.
    noExternal: ['jose', 'node-machine-id'],
  },
])
