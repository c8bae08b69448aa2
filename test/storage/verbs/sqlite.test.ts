import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { storeConformance } from './kit/kit'
import { sqliteStore } from './stores'

describe('in a file', () => {
  storeConformance({ describe, it }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyslot-sqlite-'))
    return {
      createStore: () => sqliteStore({ file: join(folder, 'licenses.db') }),
      cleanup: () => rm(folder, { recursive: true }),
    }
  })
})

describe('in memory', () => {
  storeConformance({ describe, it }, () => ({ createStore: () => sqliteStore({ file: ':memory:' }) }), {
    without: ['persistence', 'shared-store'],
  })
})
