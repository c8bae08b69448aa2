import type { Answer, Query, Row, Schema, Storage, Tables } from '../contract'
import { upgradeOf } from '../schema-upgrade'
import { MemoryTable } from './memory-table'
import { writeSet } from './write-set'

const NOTHING = {}

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
      for (const row of old) made.put(made.complete(row))
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
    const { follow } = query
    const followed = (row: Row) =>
      follow === undefined
        ? NOTHING
        : Object.fromEntries(Object.entries(follow).map(([name, below]) => [name, answer(below, row)]))
    return { rows: found.map((row) => ({ row, followed: followed(row) })), ...counted }
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
    write: async (sets) => sets.map((set) => writeSet(set, tableOf)),
  }
}
