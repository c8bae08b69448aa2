import { type ChangeSet, memoryStorage, type Storage } from 'keyslot/storage'
import { tablesChanged, tablesRead } from './tables-of'

/**
 * What is done instead of a call. It can fail, wait, or do the call by `goOn`, before or after which something else may
 * happen.
 */
type Fault<A> = (goOn: () => Promise<A>, sets: readonly ChangeSet[]) => Promise<A>

type Read = Awaited<ReturnType<Storage['read']>>
type Written = Awaited<ReturnType<Storage['write']>>

export interface FaultyStorage {
  readonly storage: Storage
  /** From now on this is done instead of a read that looks at the table. */
  breakReads(table: string, fault: Fault<Read>): void
  /** From now on this is done instead of a write with a set that changes a row of the table, or is such a set. */
  breakWrites(of: string | ((set: ChangeSet) => boolean), fault: Fault<Written>): void
  breakPing(fault: () => Promise<void>): void
  heal(): void
}

/**
 * Memory storage whose calls can be made to fail. Many writes may be under way: one that waits holds up no others but those
 * of its line.
 */
export function faultyStorage(sound: Storage = memoryStorage()): FaultyStorage {
  const reads = new Map<string, Fault<Read>>()
  /** The last one first. */
  let writes: { isMeant: (set: ChangeSet) => boolean; fault: Fault<Written> }[] = []
  let ping: (() => Promise<void>) | undefined
  const storage: Storage = {
    ...sound,
    writes: 8,
    ping: () => (ping ?? sound.ping)(),
    read(queries) {
      const [fault] = tablesRead(queries).flatMap((table) => reads.get(table) ?? [])
      const goOn = () => sound.read(queries)
      return fault === undefined ? goOn() : fault(goOn, [])
    },
    write(sets) {
      const fault = writes.find(({ isMeant }) => sets.some(isMeant))?.fault
      const goOn = () => sound.write(sets)
      return fault === undefined ? goOn() : fault(goOn, sets)
    },
  }
  return {
    storage,
    breakReads: (table, fault) => void reads.set(table, fault),
    breakWrites(of, fault) {
      const isMeant = typeof of === 'string' ? (set: ChangeSet) => tablesChanged(set).includes(of) : of
      writes = [{ isMeant, fault }, ...writes]
    },
    breakPing(fault) {
      ping = fault
    },
    heal() {
      reads.clear()
      writes = []
      ping = undefined
    },
  }
}
