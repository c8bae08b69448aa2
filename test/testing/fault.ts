import type { Answer, Change, ChangeSet, Found, Query, Row, Storage, Value } from '../../src/storage/contract'
import { createMemoryStorage, type MemoryRows } from '../../src/storage/memory/memory-storage'

/** An engine with one thing wrong, and the group of the kit that must notice. */
export interface Fault {
  readonly group: string
  readonly create: (rows: MemoryRows) => Storage
}

/** Some functions of its own in place of the sound ones. */
export function fault(group: string, breakIt: (sound: Storage, rows: MemoryRows) => Partial<Storage>): Fault {
  return {
    group,
    create: (rows) => {
      const sound = createMemoryStorage(rows)
      return { ...sound, ...breakIt(sound, rows) }
    },
  }
}

/** Every query passes through `ask` first, and every answer through `tell`, followed ones too. */
export function faultInReads(
  group: string,
  ask: (query: Query) => Query,
  tell: (query: Query, answer: Answer) => Answer = (_, answer) => answer,
): Fault {
  const asked = (query: Query): Query => {
    const { follow } = query
    return ask(follow === undefined ? query : { ...query, follow: mapValues(follow, asked) })
  }
  const told = (query: Query, answer: Answer): Answer => {
    const rows = answer.rows.map(({ row, followed }) => {
      const below = mapValues(followed, (one, name) => told(query.follow?.[name] as Query, one))
      return { row, followed: below }
    })
    return tell(query, { ...answer, rows })
  }
  return fault(group, (sound) => ({
    read: async (queries) =>
      (await sound.read(queries.map(asked))).map((answer, index) => told(queries[index] as Query, answer)),
  }))
}

/** Every set passes through `change` first. */
export function faultInSets(group: string, change: (set: ChangeSet, rows: MemoryRows) => ChangeSet): Fault {
  return fault(group, (sound, rows) => ({ write: async (sets) => sound.write(sets.map((set) => change(set, rows))) }))
}

/** Every value that is written passes through `change` first. */
export function faultInValues(change: (value: Value, column: string) => Value): Fault {
  const changed = (row: Row): Row => mapValues(row, change)
  return faultInSets('values', (set) =>
    set.map((one) => {
      if (one.kind === 'insert') return { ...one, row: changed(one.row) }
      return one.kind === 'update' ? { ...one, set: changed(one.set) } : one
    }),
  )
}

/** The row that a change is about, as it is stored. */
export function storedRow(rows: MemoryRows, change: Change): Row | undefined {
  const table = rows.get(change.table)
  if (change.kind !== 'insert') return table?.find(change.key)
  const key = change.table === 'pairs' ? ['left', 'right'] : ['id']
  return table?.find(key.map((column) => change.row[column] ?? null))
}

/** The same changes, at the revisions that the rows have now. */
export function atAnyRevision(set: ChangeSet, rows: MemoryRows, kinds: readonly Change['kind'][]): ChangeSet {
  return set.map((change) => {
    const stored = storedRow(rows, change)
    if (change.kind === 'insert' || stored === undefined || !kinds.includes(change.kind)) return change
    return { ...change, revision: Number(stored.revision) }
  })
}

/** All rows of `items`. */
export function storedItems(rows: MemoryRows): readonly Row[] {
  return rows.get('items')?.select({ table: 'items', equal: [], limit: 1_000 }, []).rows ?? []
}

/** Puts the rows of an answer in another order. */
export function sorted({ rows, ...counted }: Answer, compare: (a: Found, b: Found) => number): Answer {
  return { rows: rows.toSorted(compare), ...counted }
}

function mapValues<T, U>(all: Readonly<Record<string, T>>, change: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, change(value, name)]))
}

/** A set that nothing can be written of. */
export const REFUSED: ChangeSet = [{ kind: 'guard', table: 'items', key: ['nobody has this'], revision: 1 }]
