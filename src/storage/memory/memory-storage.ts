import type { Answer, Change, ChangeSet, Query, Row, Schema, Storage, Table, Tables, Value } from '../contract'
import { rowName, valuesOf } from '../order'
import { upgradeOf } from '../schema-upgrade'
import { MemoryTable } from './memory-table'

/** What is kept, which may outlive the storage that opened it. */
export class MemoryRows extends Map<string, MemoryTable> {
  /** What it was opened with last. */
  schema: Schema | undefined
}

/**
 * Keeps rows in this process. Every call does its work in one turn of the event loop, so that nothing comes between a check
 * and a write.
 *
 * @param rows what was kept before: rows outlive the storages over them, of which several may be open at once
 */
export function createMemoryStorage(rows: MemoryRows): Storage {
  let opened: Tables | undefined

  function bringUpToDate(schema: Schema) {
    if (rows.schema !== undefined) upgradeOf('The memory storage', rows.schema, schema)
    if (rows.schema?.version === schema.version) return
    for (const [name, table] of Object.entries(schema.tables)) {
      const old = rows.get(name)?.select({ table: name, equal: [], limit: Number.POSITIVE_INFINITY }, []).rows ?? []
      const made = new MemoryTable(table)
      for (const row of old) made.put(valuesOf(row, table.key), row)
      rows.set(name, made)
    }
    rows.schema = schema
  }

  function tableOf(name: string): MemoryTable {
    const table = rows.get(name)
    if (opened === undefined) throw new Error('The memory storage is not open')
    if (table === undefined) throw new Error(`There is no table ${name}`)
    return table
  }

  function answer(query: Query, above: Row | null): Answer {
    const equal = query.equal.map((operand) =>
      operand !== null && typeof operand === 'object' ? (above?.[operand.column] ?? null) : operand,
    )
    const { rows: found, ...counted } = tableOf(query.table).select(query, equal)
    const followed = (row: Row) =>
      Object.fromEntries(Object.entries(query.follow ?? {}).map(([name, below]) => [name, answer(below, row)]))
    return { rows: found.map((row) => ({ row, followed: followed(row) })), ...counted }
  }

  function write(set: ChangeSet): 'written' | 'conflict' {
    if (!set.every(isStill) || isTaken(set)) return 'conflict'
    apply(set)
    return 'written'
  }

  function isStill(change: Change): boolean {
    const table = tableOf(change.table)
    if (change.kind === 'insert') return table.find(keyOf(change)) === undefined
    return table.find(change.key)?.revision === change.revision
  }

  function isTaken(set: ChangeSet): boolean {
    const written = set.filter(({ kind }) => kind !== 'guard')
    if (!written.some((change) => mayTake(change, definitionOf(change.table)))) return false
    const changed = new Set(written.map((change) => rowName(change.table, keyOf(change))))
    const taken = new Set<string>()
    return set.some((change) => {
      const row = rowAfter(change)
      if (row === undefined) return false
      const { key, unique = {} } = definitionOf(change.table)
      // Two rows of the set may want the same.
      const isTwice = Object.entries(unique).some(([name, columns]) => {
        const values = valuesOf(row, columns)
        const place = rowName(`${change.table}.${name}`, values)
        if (values.includes(null)) return false
        if (taken.has(place)) return true
        taken.add(place)
        return false
      })
      const isChanged = (other: Row) => changed.has(rowName(change.table, valuesOf(other, key)))
      return isTwice || tableOf(change.table).isTaken(row, isChanged)
    })
  }

  /** First the rows let go of what they have, so that one can have what another of the set had. */
  function apply(set: ChangeSet) {
    const written = set.filter(({ kind }) => kind !== 'guard')
    const take = written.map((change) => tableOf(change.table).replace(keyOf(change), rowAfter(change) ?? null))
    for (const one of take) one()
  }

  function rowAfter(change: Change): Row | undefined {
    if (change.kind === 'insert') return change.row
    if (change.kind === 'update') return { ...tableOf(change.table).find(change.key), ...change.set }
    return undefined
  }

  function keyOf(change: Change): readonly Value[] {
    return change.kind === 'insert' ? valuesOf(change.row, definitionOf(change.table).key) : change.key
  }

  function definitionOf(name: string) {
    const table = opened?.[name]
    if (table === undefined) throw new Error(`There is no table ${name}`)
    return table
  }

  return {
    name: 'memory',
    async open(schema) {
      bringUpToDate(schema)
      opened = schema.tables
    },
    async close() {
      opened = undefined
    },
    async ping() {
      if (opened === undefined) throw new Error('The memory storage is not open')
    },
    read: async (queries) => queries.map((query) => answer(query, null)),
    write: async (sets) => sets.map(write),
  }
}

/** True where a change gives a row what only one may have. */
function mayTake(change: Change, { unique = {} }: Table): boolean {
  const columns = Object.values(unique).flat()
  if (change.kind === 'insert') return columns.length > 0
  return change.kind === 'update' && columns.some((column) => column in change.set)
}
