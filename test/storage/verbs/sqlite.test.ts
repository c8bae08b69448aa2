import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { allGroups } from './kit/groups'
import { storeConformance } from './kit/kit'
import { sqliteStore } from './stores'

/** What a store in memory does not offer. A file syncs at each step, so it is tried by these tests only. */
const OF_FILES = ['persistence', 'shared-store'] as const

describe('verbs in SQLite', () => {
  storeConformance({ describe, it }, () => ({ createStore: () => sqliteStore({ file: ':memory:' }) }), {
    without: OF_FILES,
  })
})

describe('verbs in a file', () => {
  const groups = allGroups.map(({ tests, ...group }) => {
    const isOfFiles = group.needs !== undefined
    return {
      ...group,
      tests: Object.fromEntries(Object.entries(tests).filter(([, test]) => isOfFiles || 'needs' in test)),
    }
  })
  storeConformance(
    { describe, it },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'keyslot-sqlite-'))
      return {
        createStore: () => sqliteStore({ file: join(folder, 'licenses.db') }),
        cleanup: () => rm(folder, { recursive: true }),
      }
    },
    { groups },
  )
})
