import { describe, it } from 'vitest'
import { postgresRows } from '../../../src/storage/rows/postgres'
import { rowConformance } from '../../../src/testing/rows/kit'
import { scratchSchema } from '../../postgres/scratch-schema'

describe('rows on PostgreSQL', () => {
  rowConformance({ describe, it }, async () => {
    const { url, schema, drop } = await scratchSchema()
    return { createStorage: () => postgresRows({ connectionString: url, schema }), cleanup: drop }
  })
})
