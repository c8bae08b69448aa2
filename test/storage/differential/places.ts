import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import type { Storage } from '../../../src/storage/contract'
import type { RowStorage } from '../../../src/storage/rows/contract'
import { memoryRows } from '../../../src/storage/rows/memory/memory-rows'
import { postgresRows } from '../../../src/storage/rows/postgres'
import { sqliteRows } from '../../../src/storage/rows/sqlite'
import { verbsOver } from '../../../src/storage/verbs/verbs-over'
import { scratchSchema } from '../../postgres/scratch-schema'
import { createDice } from './dice'

/** A store of its own, and handles on it. */
export interface Place {
  readonly name: string
  /** Opens one more handle. */
  open(): Promise<Storage>
  /** Closes every handle, and leaves nothing behind. */
  leave(): Promise<void>
}

export type MakePlace = () => Promise<Place>

export const memoryPlace: MakePlace = async () => memoryPlaceOf((rows) => rows)

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
export function memoryPlaceOf(change: (rows: RowStorage) => RowStorage): Place {
  const kept = new Map()
  return placeOf('memory', () => change(memoryRows(kept)))
}

export const sqlitePlace: MakePlace = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-differential-'))
  const open = () => sqliteRows({ file: join(folder, 'licenses.db') })
  return placeOf('sqlite', open, () => rm(folder, { recursive: true }))
}

export const postgresPlace: MakePlace = async () => {
  const { url, schema, drop } = await scratchSchema()
  return placeOf('postgres', () => postgresRows({ connectionString: url, schema }), drop)
}

function placeOf(
  name: string,
  openRows: () => RowStorage,
  leave: () => Promise<unknown> = async () => undefined,
): Place {
  const handles: Storage[] = []
  return {
    name,
    async open() {
      const storage = verbsOver(openRows())
      await storage.open()
      handles.push(storage)
      return storage
    },
    async leave() {
      for (const handle of handles) await handle.close()
      await leave()
    },
  }
}
