import { describe, it } from 'vitest'
import { storeConformance } from './kit/kit'
import { createPostgresFixtures } from './postgres-schemas'

describe('on PostgreSQL', () => {
  storeConformance({ describe, it }, createPostgresFixtures())
})
