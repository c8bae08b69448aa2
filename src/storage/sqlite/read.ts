import type BetterSqlite3 from 'better-sqlite3'
import type { Answer, Found, Query, Row, Tables, Value } from '../contract'
import type { Database } from './driver'
import { rowReader, type Stored, tableIn, toStored } from './names'
import { boundValues, countText, selectText, shapeOf, type WalkText } from './walk'

interface Prepared {
  readonly select: Walk
  /** Prepared when the first query asks for it. */
  count?: Walk
  readonly toRow: (values: readonly Stored[]) => Row
}

interface Walk {
  readonly statement: BetterSqlite3.Statement<Stored[], Stored[]>
  readonly places: readonly number[]
}

/** Answers queries, each by a statement of its shape that is prepared once. */
export interface Reader {
  /** @throws when the database cannot answer; nothing is left open then */
  read(queries: readonly Query[]): readonly Answer[]
}

export function createReader(database: Database, tables: Tables): Reader {
  const begin = database.prepare('BEGIN')
  const end = database.prepare('COMMIT')
  const byShape = new Map<string, Prepared>()

  function prepared(query: Query): Prepared {
    const shape = shapeOf(query)
    const known = byShape.get(shape)
    if (known !== undefined) return known
    const table = tableIn(tables, query.table)
    const made = { select: prepare(selectText(query, table)), toRow: rowReader(table) }
    byShape.set(shape, made)
    return made
  }

  function prepare({ text, places }: WalkText): Walk {
    return { statement: database.prepare<Stored[], Stored[]>(text).raw(), places }
  }

  function answer(query: Query, above: Row | null): Answer {
    const equal = query.equal.map((operand) =>
      operand !== null && typeof operand === 'object' ? (above?.[operand.column] ?? null) : operand,
    )
    const isNowhere = equal.includes(null)
    const { count: isCounted = false } = query
    if (isNowhere) return isCounted ? { rows: [], count: 0 } : { rows: [] }
    const walk = prepared(query)
    const values = boundValues(query, equal)
    const rows = found(walk.select, values).map((stored): Found => {
      const row = walk.toRow(stored)
      return { row, followed: followed(query, row) }
    })
    if (!isCounted) return { rows }
    walk.count ??= prepare(countText(query, tableIn(tables, query.table)))
    return { rows, count: Number(found(walk.count, values)[0]?.[0]) }
  }

  function found({ statement, places }: Walk, values: readonly Value[]): Stored[][] {
    return statement.all(...places.map((place) => toStored(values[place] ?? null)))
  }

  function followed({ follow }: Query, row: Row): Found['followed'] {
    if (follow === undefined) return NOTHING
    return Object.fromEntries(Object.entries(follow).map(([name, below]) => [name, answer(below, row)]))
  }

  return {
    read(queries) {
      // One statement is of one instant as it is, and so is a transaction that is under way.
      const isSingle = queries.length === 1 && queries[0]?.follow === undefined && queries[0]?.count !== true
      const isWhole = isSingle || database.inTransaction
      if (isWhole) return queries.map((query) => answer(query, null))
      begin.run()
      try {
        return queries.map((query) => answer(query, null))
      } finally {
        // After an error too: nothing was written, so there is nothing to undo.
        if (database.inTransaction) end.run()
      }
    },
  }
}

const NOTHING: Found['followed'] = {}
