import { describe, it } from 'vitest'
import { storageConformance } from '../../../src/server/storage/conformance'
import { memoryStorage } from '../../../src/server/storage/memory'

describe('memory storage', () => {
  // Every handle is a store of its own, which ends when it closes.
  storageConformance({ describe, it }, () => ({ createStorage: memoryStorage }), {
    without: ['persistence', 'shared-store'],
  })
})
