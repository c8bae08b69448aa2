import { describe, it } from 'vitest'
import { type MemoryRows, memoryRows } from '../../../src/storage/rows/memory/memory-rows'
import { rowConformance } from '../../../src/testing/rows/kit'

rowConformance({ describe, it }, () => {
  const rows: MemoryRows = new Map()
  return { createStorage: () => memoryRows(rows) }
})
