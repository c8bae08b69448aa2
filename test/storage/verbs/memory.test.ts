import { describe, it } from 'vitest'
import { MemoryRows } from '../../../src/storage/memory/memory-storage'
import { storeConformance } from './kit/kit'
import { storeOn } from './stores'

describe('verbs on rows in memory', () => {
  storeConformance({ describe, it }, () => {
    const rows = new MemoryRows()
    return { createStore: () => storeOn(rows) }
  })
})
