import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { storageConformance } from 'keyslot/testing'
import { describe, it } from 'vitest'
import { jsonFileStorage } from './json-file-storage'

describe('JSON file storage', () => {
  storageConformance(
    { describe, it },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'keyslot-json-'))
      return {
        createStorage: () => jsonFileStorage({ file: join(folder, 'licenses.json') }),
        cleanup: () => rm(folder, { recursive: true }),
      }
    },
    // Each handle has its own copy of the file in memory, so only one may be open at a time. The others are
    // capabilities, which an adapter may do without.
    { without: ['shared-store', 'sessions', 'revocations', 'outbox', 'transfer'] },
  )
})
