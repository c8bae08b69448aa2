import { describe, it } from 'vitest'
import { memoryStorage } from '../../src/storage/memory'
import { storageConformance } from '../../src/testing'

describe('memory storage', () => {
  // Every handle is a store of its own, which ends when it closes.
  storageConformance({ describe, it }, () => ({ createStorage: memoryStorage }), {
    without: ['persistence', 'shared-store'],
  })
})
