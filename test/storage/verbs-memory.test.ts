import { describe, it } from 'vitest'
import { createDraws } from '../../src/storage/draws'
import { type MemoryRows, memoryRows } from '../../src/storage/rows/memory/memory-rows'
import { verbsOver } from '../../src/storage/verbs/verbs-over'
import { storageConformance } from '../../src/testing'

describe('the verbs over rows in memory', () => {
  storageConformance({ describe, it }, () => {
    const rows: MemoryRows = new Map()
    return { createStorage: () => verbsOver(memoryRows(rows), createDraws()) }
  })
})
