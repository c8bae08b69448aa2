import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { sqliteStorage } from '../../../src/storage/sqlite'
import { storeConformance } from './kit'

describe('in a file', () => {
  storeConformance({ describe, it }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyslot-sqlite-'))
    return {
      createStorage: () => sqliteStorage({ file: join(folder, 'licenses.db') }),
      cleanup: () => rm(folder, { recursive: true }),
    }
  })
})

describe('in memory', () => {
  storeConformance({ describe, it }, () => ({ createStorage: () => sqliteStorage({ file: ':memory:' }) }), {
    without: ['persistence', 'shared-store'],
  })
})
