/**
 * How the package is built, and why an app that installs it gets so little: keyslot and jose, 2 packages instead of 76.
 *
 * - jose is a dependency of the ES modules: a security fix of jose reaches apps without a release of keyslot. It has no
 *   dependencies. The CommonJS build holds it, because jose is an ES module: `require` of it fails wherever require(esm)
 *   is off.
 * - The other packages in pure JavaScript are bundled: of 8.2 MB of zod and 3.6 MB of lru-cache, 150 and 19 kB are used.
 *   tsup bundles what package.json names as a development dependency. Their licences go into THIRD-PARTY.txt.
 * - Express and the drivers of databases are peers: the app chooses their versions, or does without.
 * - Whitespace is left out, names are not, and lines stay short: stack traces can be read. With whitespace the package
 *   would be 3.2 MB. Source maps would double it, so there are none.
 * - The declarations exist once, as CommonJS, and so does the conformance kit of `testing`. What is imported as an ES
 *   module points there; `build/esm-of-commonjs.ts` writes these pointers.
 */
import { defineConfig, type Options } from 'tsup'
import { writeDeclarationsOfEsm, writeEsmOfCommonJs } from './build/esm-of-commonjs'
import { nodeModulesInEsm } from './build/node-modules-in-esm'
import { thirdPartyNotices } from './build/third-party-notices'

const esmEntry = {
  'server/index': 'src/server/index.ts',
  'client/index': 'src/client/index.ts',
  'storage/index': 'src/storage/index.ts',
  'storage/sqlite': 'src/storage/sqlite/index.ts',
  'storage/postgres': 'src/storage/postgres/index.ts',
  'protocol/index': 'src/protocol/index.ts',
}
const entry = { ...esmEntry, 'testing/index': 'src/testing/index.ts' }

const notices = thirdPartyNotices('dist/THIRD-PARTY.txt')

const shared = {
  platform: 'node',
  target: 'node20',
  outDir: 'dist',
  removeNodeProtocol: false,
  esbuildOptions(options, { format }) {
    Object.assign(options, { minifySyntax: true, minifyWhitespace: true, lineLimit: 120 })
    // Jest runs CommonJS in a context that knows no `import()`.
    if (format === 'cjs') options.supported = { 'dynamic-import': false }
    options.chunkNames = 'chunks/[name]-[hash]'
  },
} satisfies Options

export default defineConfig([
  {
    ...shared,
    entry: { ...esmEntry, 'cli/index': 'src/cli/index.ts' },
    format: 'esm',
    splitting: true,
    esbuildPlugins: [nodeModulesInEsm, notices],
  },
  {
    ...shared,
    entry,
    format: 'cjs',
    splitting: false,
    dts: { entry },
    noExternal: ['jose'],
    esbuildPlugins: [notices],
    async onSuccess() {
      await writeDeclarationsOfEsm(Object.keys(entry))
      await writeEsmOfCommonJs('testing/index')
    },
  },
])
