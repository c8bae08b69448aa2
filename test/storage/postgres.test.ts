import { describe, it } from 'vitest'
import { postgresStorage } from '../../src/storage/postgres'
import { storageConformance } from '../../src/testing'
import { scratchSchema } from '../postgres/scratch-schema'

describe('on PostgreSQL', () => {
  storageConformance({ describe, it }, async () => {
    const { url, schema, drop } = await scratchSchema()
    return { createStorage: () => postgresStorage({ connectionString: url, schema }), cleanup: drop }
  })
})
