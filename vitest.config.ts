import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { CI_VARIABLES } from './src/client/host/ci-runner'

const source = (path: string) => fileURLToPath(new URL(`src/${path}`, import.meta.url))

/** Examples and tests import the package by its name; here that means its sources. */
export const alias = {
  'keyslot/server': source('server/index.ts'),
  'keyslot/client': source('client/index.ts'),
  'keyslot/storage/sqlite': source('storage/sqlite/index.ts'),
  'keyslot/storage/postgres': source('storage/postgres/index.ts'),
  // Behind its own sub-paths: the first that fits is taken.
  'keyslot/storage': source('storage/index.ts'),
  'keyslot/testing': source('testing/index.ts'),
  'keyslot/protocol': source('protocol/index.ts'),
}

export default defineConfig({
  test: {
    // Two cores: more workers only take time from the races inside the tests.
    maxWorkers: 2,
    minWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Tests mean the same in CI and on a desk, where the kit gives no advice for CI runners.
    env: Object.fromEntries(CI_VARIABLES.map((name) => [name, ''])),
    projects: [
      {
        extends: true,
        resolve: { alias },
        test: {
          name: 'express5',
          include: ['test/**/*.test.ts', 'examples/*/*.test.ts'],
          globalSetup: 'test/postgres/shared-server.ts',
        },
      },
      {
        extends: true,
        resolve: { alias: { ...alias, express: 'express4' } },
        test: { name: 'express4', include: ['test/server/http/**/*.test.ts'] },
      },
    ],
  },
})
