import { spawnSync } from 'node:child_process'

if (spawnSync('redis-server', ['--version']).error !== undefined) {
  console.error(
    'These tests need a redis-server on the PATH. Debian, Ubuntu: apt-get install redis-server. macOS: brew install redis.',
  )
  process.exitCode = 1
}
