import { describe, it } from 'vitest'
import { postgresStorage } from '../../../src/storage/postgres'
import { storeConformance } from './kit'
import { scratchSchema } from '../../postgres/scratch-schema'

describe('on PostgreSQL', () => {
  storeConformance({ describe, it }, async () => {
    const { url, schema, drop } = await scratchSchema()
    return { createStorage: () => postgresStorage({ connectionString: url, schema }), cleanup: drop }
  })
})
