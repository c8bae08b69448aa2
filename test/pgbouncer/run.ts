/** Runs the tests through pgbouncer, which is no npm package: `npm run test:pgbouncer`. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findPgbouncer } from './start-pgbouncer'

if (findPgbouncer() === undefined) {
  console.error('test/pgbouncer needs pgbouncer: apt-get install -y --no-install-recommends pgbouncer')
  process.exit(2)
}
const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url))
const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', '--config', config], { stdio: 'inherit' })
process.exit(status ?? 1)
