import { describe, it } from 'vitest'
import { postgresStorage } from '../../src/storage/postgres'
import { storageConformance } from '../../src/testing/kit'
import { scratchSchema } from '../postgres/scratch-schema'

describe('rows on PostgreSQL', () => {
  storageConformance({ describe, it }, async () => {
    const { url, schema, drop } = await scratchSchema()
    return { createStorage: () => postgresStorage({ connectionString: url, schema }), cleanup: drop }
  })
})
