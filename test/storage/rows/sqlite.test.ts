import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { sqliteRows } from '../../../src/storage/rows/sqlite'
import { rowConformance } from '../../../src/testing/rows/kit'

describe('in a file', () => {
  rowConformance({ describe, it }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyslot-rows-'))
    return {
      createStorage: () => sqliteRows({ file: join(folder, 'rows.db') }),
      cleanup: () => rm(folder, { recursive: true }),
    }
  })
})

describe('in memory', () => {
  rowConformance({ describe, it }, () => ({ createStorage: () => sqliteRows({ file: ':memory:' }) }), {
    without: ['persistence', 'shared-store'],
  })
})
