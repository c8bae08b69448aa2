import { codeOf } from '../../files/error-code'
import type { Change, ChangeSet, Tables } from '../contract'
import { createChanges, type Insert } from './change-statements'
import type { Database } from './driver'
import type { Stored } from './names'
import { LOCK_WAIT_MS } from './open-file'

type Fate = 'written' | 'conflict'

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
  const statements = createChanges(database, tables)
  const statement = (text: string) => database.prepare<[], Stored[]>(text)
  const [begin, commit, rollback] = [statement('BEGIN IMMEDIATE'), statement('COMMIT'), statement('ROLLBACK')]
  const [save, release, undo] = [statement('SAVEPOINT one'), statement('RELEASE one'), statement('ROLLBACK TO one')]
  const [impatient, patient] = [statement(waitText(0)), statement(waitText(LOCK_WAIT_MS))]

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

  function undoAll() {
    // Some faults (a full disk, an I/O error) make SQLite undo it all by itself.
    if (database.inTransaction) rollback.run()
  }

  function orUndo<T>(work: () => T): T {
    try {
      return work()
    } catch (error) {
      undoAll()
      throw error
    }
  }

  const transaction: Writer['transaction'] = {
    begin() {
      impatient.get()
      try {
        begin.run()
      } finally {
        patient.get()
      }
    },
    write: (sets) => orUndo(() => writeAll(sets)),
    commit: () => void orUndo(() => commit.run()),
    undo: undoAll,
  }

  return {
    write(sets) {
      if (sets.length === 0) return []
      begin.run()
      const fates = transaction.write(sets)
      transaction.commit()
      return fates
    },
    transaction,
  }
}

/** How long SQLite itself waits for a lock. */
function waitText(milliseconds: number): string {
  return `PRAGMA busy_timeout = ${milliseconds}`
}

function inTurn(set: ChangeSet): ChangeSet {
  return set.toSorted((a, b) => TURNS[a.kind] - TURNS[b.kind])
}

function isTaken(error: unknown): boolean {
  return codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE'
}
