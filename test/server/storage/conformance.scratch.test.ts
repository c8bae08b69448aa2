import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { storageConformance } from '../../../src/server/storage/conformance'
import { sqliteStorage } from '../../../src/server/storage/sqlite'
describe('sqlite scratch', () => {
  storageConformance({ describe, it }, () => {
    const dir = mkdtempSync('/tmp/mine/s')
    return { createStorage: () => sqliteStorage({ file: join(dir, 'x.db') }), cleanup: () => rmSync(dir, { recursive: true }) }
  })
})
