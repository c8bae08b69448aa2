import { describe, it } from 'vitest'
import { type MemoryRows, memoryStorage } from '../../src/storage/memory/memory-storage'
import { storageConformance } from '../../src/testing/kit'

storageConformance({ describe, it }, () => {
  const rows: MemoryRows = new Map()
  return { createStorage: () => memoryStorage(rows) }
})
