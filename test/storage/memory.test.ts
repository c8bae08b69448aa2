import { describe, it } from 'vitest'
import { createMemoryStorage, MemoryRows } from '../../src/storage/memory/memory-storage'
import { storageConformance } from '../../src/testing/kit'

storageConformance({ describe, it }, () => {
  const rows = new MemoryRows()
  return { createStorage: () => createMemoryStorage(rows) }
})
