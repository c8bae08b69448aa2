import { describe, it } from 'vitest'
import { memoryStorage } from '../../../src/storage/memory'
import { storeConformance } from './kit'

describe('memory storage', () => {
  // Every handle is a store of its own, which ends when it closes.
  storeConformance({ describe, it }, () => ({ createStorage: memoryStorage }), {
    without: ['persistence', 'shared-store'],
  })
})
