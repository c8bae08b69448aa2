import { describe, it } from 'vitest'
import { storageConformance } from '../../../src/server/storage/conformance'
import { postgresStorage } from '../../../src/server/storage/postgres'
import { scratchSchema } from '../../postgres/scratch-schema'

describe('on PostgreSQL', () => {
  storageConformance({ describe, it }, async () => {
    const { url, schema, drop } = await scratchSchema()
    return { createStorage: () => postgresStorage({ connectionString: url, schema }), cleanup: drop }
  })
})
