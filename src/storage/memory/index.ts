import type { Storage } from '../contract'
import { createMemoryStorage, MemoryRows } from './memory-storage'

/** Keeps everything in this process and forgets it on `close()`: for tests, demonstrations and a first look. */
export function memoryStorage(): Storage {
  const rows = new MemoryRows()
  const storage = createMemoryStorage(rows)
  return {
    ...storage,
    async close() {
      await storage.close()
      rows.clear()
      rows.schema = undefined
    },
  }
}
