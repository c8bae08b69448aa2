import { defineConfig, type Options } from 'tsup'

const entry = {
  'server/index': 'src/server/index.ts',
  'client/index': 'src/client/index.ts',
  'storage/sqlite': 'src/server/storage/sqlite/index.ts',
  'storage/postgres': 'src/server/storage/postgres/index.ts',
  'testing/index': 'src/server/storage/conformance/index.ts',
  'protocol/index': 'src/protocol/index.ts',
}

const shared = {
  platform: 'node',
  target: 'node20',
  outDir: 'dist',
  sourcemap: true,
  treeshake: true,
} satisfies Options

export default defineConfig([
  {
    ...shared,
    entry: { ...entry, 'cli/index': 'src/cli/index.ts' },
    format: 'esm',
    splitting: true,
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
    dts: { entry },
    // jose is ESM only: `require` of it fails wherever require(esm) is off.
    noExternal: ['jose'],
  },
])
