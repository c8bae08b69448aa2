import { memoryStorage, type Storage } from 'keyslot/storage'
import { tablesChanged, tablesRead } from './tables-of'

interface CountedCall {
  readonly call: 'read' | 'write'
  /** Each table once. */
  readonly tables: readonly string[]
}

export interface CountedStorage {
  readonly storage: Storage
  /** The reads and writes since this was asked last, in their order. */
  calls(): readonly CountedCall[]
}

/** Memory storage that tells what it was asked. */
export function countedStorage(sound: Storage = memoryStorage()): CountedStorage {
  let called: CountedCall[] = []
  const count = (call: CountedCall['call'], tables: readonly string[]) =>
    called.push({ call, tables: [...new Set(tables)] })
  return {
    storage: {
      ...sound,
      read(queries) {
        count('read', tablesRead(queries))
        return sound.read(queries)
      },
      write(sets) {
        count('write', sets.flatMap(tablesChanged))
        return sound.write(sets)
      },
    },
    calls() {
      const since = called
      called = []
      return since
    },
  }
}
