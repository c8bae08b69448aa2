import type BetterSqlite3 from 'better-sqlite3'
import type { Change, ChangeSet, Key, Row, Tables } from '../contract'
import { valuesOf } from '../order'
import type { Database } from './driver'
import { everyColumn, quote, quoteAll, rowReader, type Stored, tableIn, toStored } from './names'

type Fate = 'written' | 'conflict'
type Update = Extract<Change, { kind: 'update' }>
type Insert = Extract<Change, { kind: 'insert' }>

/** Writes change sets, all of one call in one transaction. */
export interface Writer {
  /** @throws when the database cannot write; nothing is written then */
  write(sets: readonly ChangeSet[]): readonly Fate[]
}

/** What is checked before anything changes, and what leaves most room for what comes behind it. */
const TURNS: Readonly<Record<Change['kind'], number>> = { guard: 0, delete: 1, update: 2, insert: 3 }

export function createWriter(database: Database, tables: Tables): Writer {
  const statements = createStatements(database, tables)
  const transaction = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((text) => database.prepare(text))
  const savepoint = ['SAVEPOINT one', 'RELEASE one', 'ROLLBACK TO one'].map((text) => database.prepare(text))
  const [begin, commit, rollback] = transaction as [Statement, Statement, Statement]
  const [save, release, undo] = savepoint as [Statement, Statement, Statement]

  function writeSet(set: ChangeSet): Fate {
    const changes = set.toSorted((a, b) => TURNS[a.kind] - TURNS[b.kind])
    const effects = changes.filter(({ kind }) => kind !== 'guard').length
    // One change has happened or not: there is nothing to undo.
    if (effects < 2) return make(changes) === 'made' ? 'written' : 'conflict'
    save.run()
    let result = make(changes)
    if (result !== 'made') undo.run()
    if (result === 'taken') {
      result = makeAnew(changes)
      if (result !== 'made') undo.run()
    }
    release.run()
    return result === 'made' ? 'written' : 'conflict'
  }

  /** `taken`: a row is not free for an update now, but may be once the rest of the set has happened. */
  function make(changes: ChangeSet): 'made' | 'not made' | 'taken' {
    for (const change of changes) {
      if (change.kind !== 'update') {
        if (!statements[change.kind](change as never)) return 'not made'
        continue
      }
      try {
        if (!statements.update(change)) return 'not made'
      } catch (error) {
        if (isTaken(error)) return 'taken'
        throw error
      }
    }
    return 'made'
  }

  /** SQLite looks at unique sets row by row. So that rows can hand values over, all rows go, and come as they will be. */
  function makeAnew(changes: ChangeSet): 'made' | 'not made' {
    const updates = changes.filter((change) => change.kind === 'update')
    const rows = updates.map((change) => ({ change, row: statements.find(change) }))
    for (const { change } of rows) if (!statements.delete(change)) return 'not made'
    const inserts = rows.map(({ change, row }): Insert => {
      return { kind: 'insert', table: change.table, row: { ...row, ...change.set } }
    })
    return make([...changes.filter(({ kind }) => kind !== 'update'), ...inserts]) === 'made' ? 'made' : 'not made'
  }

  return {
    write(sets) {
      if (sets.length === 0) return []
      begin.run()
      try {
        const fates = sets.map(writeSet)
        commit.run()
        return fates
      } catch (error) {
        // Some faults (a full disk, an I/O error) make SQLite undo it all by itself.
        if (database.inTransaction) rollback.run()
        throw error
      }
    },
  }
}

type Statement = BetterSqlite3.Statement<Stored[], Stored[]>
type Found = Exclude<Change, Insert>

/** One statement for each kind of change and the columns it names, prepared once. Each tells whether it found its row. */
function createStatements(database: Database, tables: Tables) {
  const byText = new Map<string, Statement>()

  function prepared(text: string): Statement {
    const known = byText.get(text)
    if (known !== undefined) return known
    const made = database.prepare<Stored[], Stored[]>(text)
    byText.set(text, made)
    return made
  }

  function where({ table }: Found): string {
    return `${tableIn(tables, table)
      .key.map((column) => `${quote(column)} = ?`)
      .join(' AND ')} AND revision = ?`
  }

  const keyOf = ({ key, revision }: { readonly key: Key; readonly revision: number }) =>
    [...key, revision].map(toStored)
  const columnsOf = (change: Found) => quoteAll(everyColumn(tableIn(tables, change.table)))

  return {
    guard: (change: Found): boolean =>
      prepared(`SELECT 1 FROM ${quote(change.table)} WHERE ${where(change)}`).get(...keyOf(change)) !== undefined,

    delete: (change: Found): boolean =>
      prepared(`DELETE FROM ${quote(change.table)} WHERE ${where(change)}`).run(...keyOf(change)).changes === 1,

    update(change: Update): boolean {
      const columns = Object.keys(change.set)
      const set = columns.map((column) => `${quote(column)} = ?`).join(', ')
      const text = `UPDATE ${quote(change.table)} SET ${set} WHERE ${where(change)}`
      return prepared(text).run(...Object.values(change.set).map(toStored), ...keyOf(change)).changes === 1
    },

    insert({ table, row }: Insert): boolean {
      const columns = everyColumn(tableIn(tables, table))
      const holes = columns.map(() => '?').join(', ')
      const text = `INSERT INTO ${quote(table)} (${quoteAll(columns)}) VALUES (${holes}) ON CONFLICT DO NOTHING`
      return prepared(text).run(...valuesOf(row, columns).map(toStored)).changes === 1
    },

    /** The row as it is stored; undefined where it is not there at that revision. */
    find(change: Update): Row | undefined {
      const text = `SELECT ${columnsOf(change)} FROM ${quote(change.table)} WHERE ${where(change)}`
      const values = prepared(text)
        .raw()
        .get(...keyOf(change))
      return values && rowReader(tableIn(tables, change.table))(values)
    },
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_CONSTRAINT_UNIQUE'
}
