import type BetterSqlite3 from 'better-sqlite3'
import type { Change, ChangeSet, Key, Row, Tables } from '../contract'
import { valuesOf } from '../order'
import type { Database } from './driver'
import { everyColumn, quote, quoteAll, rowReader, type Stored, tableIn, toStored } from './names'
import { LOCK_WAIT_MS } from './open-file'

type Fate = 'written' | 'conflict'
type Update = Extract<Change, { kind: 'update' }>
type Insert = Extract<Change, { kind: 'insert' }>

/** Writes change sets, all of one call in one transaction. */
export interface Writer {
  /** @throws when the database cannot write; nothing is written then */
  write(sets: readonly ChangeSet[]): readonly Fate[]
  /** The parts of `write`, for who does more between them: nobody else can write from `begin` to `commit` or `undo`. */
  readonly transaction: {
    begin(): void
    write(sets: readonly ChangeSet[]): readonly Fate[]
    commit(): void
    undo(): void
  }
}

/** What is checked before anything changes, and what leaves most room for what comes behind it. */
const TURNS: Readonly<Record<Change['kind'], number>> = { guard: 0, delete: 1, update: 2, insert: 3 }

export function createWriter(database: Database, tables: Tables): Writer {
  const statements = createStatements(database, tables)
  const transaction = ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'].map((text) => database.prepare(text))
  const [impatient, patient] = [0, LOCK_WAIT_MS].map((ms) => database.prepare(`PRAGMA busy_timeout = ${ms}`)) as [
    Statement,
    Statement,
  ]
  const savepoint = ['SAVEPOINT one', 'RELEASE one', 'ROLLBACK TO one'].map((text) => database.prepare(text))
  const [begin, commit, rollback] = transaction as [Statement, Statement, Statement]
  const [save, release, undo] = savepoint as [Statement, Statement, Statement]

  /** Mostly each set can be written as it stands: a place to return to is kept for all of them, not for each. */
  function writeAll(sets: readonly ChangeSet[]): readonly Fate[] {
    save.run()
    const isWritten = sets.every((set) => make(inTurn(set)) === 'made')
    if (!isWritten) undo.run()
    release.run()
    return isWritten ? sets.map(() => 'written') : sets.map(writeSet)
  }

  function writeSet(set: ChangeSet): Fate {
    const changes = inTurn(set)
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

  const whole: Writer['transaction'] = {
    begin() {
      impatient.get()
      try {
        begin.run()
      } finally {
        patient.get()
      }
    },
    write: writeAll,
    commit: () => void commit.run(),
    undo() {
      // Some faults (a full disk, an I/O error) make SQLite undo it all by itself.
      if (database.inTransaction) rollback.run()
    },
  }

  return {
    write(sets) {
      if (sets.length === 0) return []
      begin.run()
      try {
        const fates = writeAll(sets)
        whole.commit()
        return fates
      } catch (error) {
        whole.undo()
        throw error
      }
    },
    transaction: whole,
  }
}

function inTurn(set: ChangeSet): ChangeSet {
  return set.toSorted((a, b) => TURNS[a.kind] - TURNS[b.kind])
}

type Statement = BetterSqlite3.Statement<Stored[], Stored[]>
type Found = Exclude<Change, Insert>

/** One statement for each kind of change and the columns it names, prepared once. Each tells whether it found its row. */
function createStatements(database: Database, tables: Tables) {
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

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'SQLITE_CONSTRAINT_UNIQUE'
}
