import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { alias } from '../../vitest.config'

/** Not part of `npm test`: needs a program that npm does not install. See run.ts. */
// biome-ignore lint/style/noDefaultExport: vitest asks for one
export default defineConfig({
  resolve: { alias },
  test: {
    name: 'pages',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/pages/*.check.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
