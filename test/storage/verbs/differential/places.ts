import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Storage } from '../../../../src/storage/contract'
import { createMemoryStorage, MemoryRows } from '../../../../src/storage/memory/memory-storage'
import { postgresStorage } from '../../../../src/storage/postgres'
import { sqliteStorage } from '../../../../src/storage/sqlite'
import { createStore, type StoreOptions } from '../../../../src/storage/verbs/create-store'
import type { Store } from '../../../../src/storage/verbs/store'
import { scratchSchema } from '../../../postgres/scratch-schema'
import { neverCleared } from '../never-cleared'
import { createDice } from './dice'

/** A store of its own, and handles on it. */
export interface Place {
  readonly name: string
  /** Opens one more handle. */
  open(): Promise<Store>
  /** Closes every handle, and leaves nothing behind. */
  leave(): Promise<void>
}

export type MakePlace = () => Promise<Place>

export const memoryPlace: MakePlace = async () => memoryPlaceOf((rows) => rows)

/** Whatever loses all its rows leaves them behind, for good: no step is so small that it removes them itself. */
export const leavingPlace: MakePlace = async () => {
  const kept = new MemoryRows()
  return placeOf('memory', () => neverCleared(createMemoryStorage(kept)), { options: { rowsAtOnce: 0 } })
}

/** Reads and writes take a few turns, so that handles on one store come between each other. */
export const slowMemoryPlace: MakePlace = async () => {
  const { upTo } = createDice(1)
  const linger = async () => {
    for (let turns = upTo(4); turns > 0; turns--) await turn()
  }
  return memoryPlaceOf((rows) => ({
    ...rows,
    async read(queries) {
      await linger()
      const answers = await rows.read(queries)
      await linger()
      return answers
    },
    async write(sets) {
      await linger()
      const fates = await rows.write(sets)
      await linger()
      return fates
    },
  }))
}

/** @param change what lies between the verbs and the rows of each handle */
export function memoryPlaceOf(change: (rows: Storage) => Storage): Place {
  const kept = new MemoryRows()
  return placeOf('memory', () => change(createMemoryStorage(kept)))
}

export const sqlitePlace: MakePlace = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-differential-'))
  const open = () => sqliteStorage({ file: join(folder, 'licenses.db') })
  return placeOf('sqlite', open, { leave: () => rm(folder, { recursive: true }) })
}

export const postgresPlace: MakePlace = async () => {
  const { url, schema, drop } = await scratchSchema()
  return placeOf('postgres', () => postgresStorage({ connectionString: url, schema }), { leave: drop })
}

interface PlaceOptions {
  readonly options?: StoreOptions
  readonly leave?: () => Promise<unknown>
}

function placeOf(name: string, openRows: () => Storage, { options, leave }: PlaceOptions = {}): Place {
  const handles: Store[] = []
  return {
    name,
    async open() {
      const storage = createStore(openRows(), options)
      await storage.open()
      handles.push(storage)
      return storage
    },
    async leave() {
      for (const handle of handles) await handle.close()
      await leave?.()
    },
  }
}
