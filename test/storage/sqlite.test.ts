import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { sqliteStorage } from '../../src/storage/sqlite'
import { storageConformance } from '../../src/testing/kit'

describe('in a file', () => {
  storageConformance({ describe, it }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyslot-rows-'))
    return {
      createStorage: () => sqliteStorage({ file: join(folder, 'rows.db') }),
      cleanup: () => rm(folder, { recursive: true }),
    }
  })
})

describe('in memory', () => {
  storageConformance({ describe, it }, () => ({ createStorage: () => sqliteStorage({ file: ':memory:' }) }), {
    without: ['persistence', 'shared-store'],
  })
})
