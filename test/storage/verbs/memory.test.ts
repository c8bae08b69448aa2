import { describe, it } from 'vitest'
import { MemoryRows } from '../../../src/storage/memory/memory-storage'
import { storeConformance } from './kit/kit'
import { storeOn } from './stores'

describe.each([
  { name: 'verbs on rows in memory', options: {} },
  { name: 'verbs that leave all behind', options: { rowsAtOnce: 0 } },
])('$name', ({ options }) => {
  storeConformance({ describe, it }, () => {
    const rows = new MemoryRows()
    return { createStore: () => storeOn(rows, options) }
  })
})
