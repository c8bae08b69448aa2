import { describe, it } from 'vitest'
import { createDraws } from '../../../src/storage/draws'
import { type MemoryRows, memoryStorage } from '../../../src/storage/memory/memory-storage'
import { createStore } from '../../../src/storage/verbs/create-store'
import { storeConformance } from './kit'

describe('the verbs over rows in memory', () => {
  storeConformance({ describe, it }, () => {
    const rows: MemoryRows = new Map()
    return { createStorage: () => createStore(memoryStorage(rows), createDraws()) }
  })
})
