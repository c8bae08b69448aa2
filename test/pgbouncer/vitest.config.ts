import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** Not part of `npm test`: needs a program that npm does not install. See run.ts. */
// biome-ignore lint/style/noDefaultExport: vitest asks for one
export default defineConfig({
  test: {
    name: 'pgbouncer',
    root: fileURLToPath(new URL('../..', import.meta.url)),
    include: ['test/pgbouncer/*.check.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
