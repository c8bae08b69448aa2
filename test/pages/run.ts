/**
 * Drives the pages of the Electron example in Chromium, over the example's own main process: by keyboard, in both colour
 * schemes, narrow and wide. `npm run test:pages`; to keep a picture of each state:
 *
 *   npm run test:pages -- --pictures FOLDER
 */
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { leaveOut } from '../circumstances'
import { findChromium } from './chromium'

const { values } = parseArgs({ options: { pictures: { type: 'string' } } })
if (findChromium() === undefined) {
  leaveOut('the pages need Chromium (apt-get install -y --no-install-recommends chromium)')
} else {
  const config = fileURLToPath(new URL('vitest.config.ts', import.meta.url))
  const pictures = values.pictures === undefined ? {} : { PICTURES: resolve(values.pictures) }
  const env = { ...process.env, ...pictures }
  const { status } = spawnSync('npx', ['--no-install', 'vitest', 'run', '--config', config], { stdio: 'inherit', env })
  process.exitCode = status ?? 1
}
