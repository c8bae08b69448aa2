import { randomUUID } from 'node:crypto'
import { storageConformance } from 'keyslot/testing'
import { describe, inject, it } from 'vitest'
import { redisStorage } from '../redis-storage'

describe('Redis storage', () => {
  storageConformance({ describe, it }, () => {
    const prefix = `{${randomUUID()}}:`
    return { createStorage: () => redisStorage({ url: inject('redisUrl'), prefix }) }
  })
})
