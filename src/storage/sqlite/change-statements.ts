import type BetterSqlite3 from 'better-sqlite3'
import type { Change, Key, Row, Tables } from '../contract'
import { valuesOf } from '../order'
import type { Database } from './driver'
import { everyColumn, quote, quoteAll, rowReader, type Stored, tableIn, toStored } from './names'

export type Update = Extract<Change, { kind: 'update' }>
export type Insert = Extract<Change, { kind: 'insert' }>
type Statement = BetterSqlite3.Statement<Stored[], Stored[]>
type Found = Exclude<Change, Insert>

/** One statement for each kind of change and the columns it names, prepared once. Each tells whether it found its row. */
export function createChanges(database: Database, tables: Tables) {
  const byShape = new Map<string, Statement>()
  const columns = new Map(Object.entries(tables).map(([name, table]) => [name, everyColumn(table)]))

  /** @param shape names the text, which takes longer to make than most statements to run */
  function prepared(shape: string, text: () => string): Statement {
    const known = byShape.get(shape)
    if (known !== undefined) return known
    const made = database.prepare<Stored[], Stored[]>(text())
    byShape.set(shape, made)
    return made
  }

  function where({ table }: Found): string {
    return `${tableIn(tables, table)
      .key.map((column) => `${quote(column)} = ?`)
      .join(' AND ')} AND revision = ?`
  }

  const keyOf = ({ key, revision }: { readonly key: Key; readonly revision: number }) =>
    [...key, revision].map(toStored)
  const columnsOf = (table: string) => columns.get(table) ?? everyColumn(tableIn(tables, table))

  return {
    guard(change: Found): boolean {
      const text = () => `SELECT 1 FROM ${quote(change.table)} WHERE ${where(change)}`
      return prepared(`guard ${change.table}`, text).get(...keyOf(change)) !== undefined
    },

    delete(change: Found): boolean {
      const text = () => `DELETE FROM ${quote(change.table)} WHERE ${where(change)}`
      return prepared(`delete ${change.table}`, text).run(...keyOf(change)).changes === 1
    },

    update(change: Update): boolean {
      const { table, set } = change
      const names = Object.keys(set)
      const text = () => {
        const assigned = names.map((column) => `${quote(column)} = ?`).join(', ')
        return `UPDATE ${quote(table)} SET ${assigned} WHERE ${where(change)}`
      }
      const statement = prepared(`update ${table} ${names}`, text)
      return statement.run(...Object.values(set).map(toStored), ...keyOf(change)).changes === 1
    },

    insert({ table, row }: Insert): boolean {
      const names = columnsOf(table)
      const text = () => {
        const holes = names.map(() => '?').join(', ')
        return `INSERT INTO ${quote(table)} (${quoteAll(names)}) VALUES (${holes}) ON CONFLICT DO NOTHING`
      }
      return prepared(`insert ${table}`, text).run(...valuesOf(row, names).map(toStored)).changes === 1
    },

    /** The row as it is stored; undefined where it is not there at that revision. */
    find(change: Update): Row | undefined {
      const { table } = change
      const text = () => `SELECT ${quoteAll(columnsOf(table))} FROM ${quote(table)} WHERE ${where(change)}`
      const values = prepared(`find ${table}`, text)
        .raw()
        .get(...keyOf(change))
      return values && rowReader(tableIn(tables, table))(values)
    },
  }
}
