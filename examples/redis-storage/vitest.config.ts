import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

// biome-ignore lint/style/noDefaultExport: this is where vitest looks
export default defineConfig({
  resolve: {
    // In this repository the package's name means its sources. In a project of your own, leave this out.
    alias: {
      'keyslot/server': source('server/index.ts'),
      'keyslot/storage': source('storage/index.ts'),
      'keyslot/testing': source('testing/index.ts'),
      'keyslot/protocol': source('protocol/index.ts'),
    },
  },
  test: {
    include: ['test/*.test.ts'],
    globalSetup: ['test/redis-for-all.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
