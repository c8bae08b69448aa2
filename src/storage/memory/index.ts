import type { Storage } from '../contract'
import { type MemoryRows, memoryRows } from '../rows/memory/memory-rows'
import { verbsOver } from '../verbs/verbs-over'

/**
 * Keeps everything in this process and forgets it on `close()`: for tests, demonstrations and a first look.
 */
export function memoryStorage(): Storage {
  return storageOn(new Map())
}

/** Storage on rows that outlive its handles: what is closed can be opened again, several times at once. */
export function storageOn(rows: MemoryRows): Storage {
  return verbsOver(memoryRows(rows))
}
