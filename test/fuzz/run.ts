/**
 * Sends broken, odd and mutated requests to servers on memory storage, and mutated texts to every parser; fails with what was
 * not as it should be, and says how much memory the process had before and after.
 * Usage: npm run fuzz -- [--requests N] [--texts N] [--seed N]
 */
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    texts: { type: 'string', default: '20000' },
    seed: { type: 'string', default: `${Date.now() % 2 ** 31}` },
  },
})

const FILES = ['test/server/http/fuzz.test.ts', 'test/fuzz']
const { status } = spawnSync('npx', ['vitest', 'run', '--project', 'express5', ...FILES, '--testTimeout', '3600000'], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_REQUESTS: values.requests, FUZZ_TEXTS: values.texts, FUZZ_SEED: values.seed },
})
process.exitCode = status ?? 1
