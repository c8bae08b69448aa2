import type BetterSqlite3 from 'better-sqlite3'
import type { Page, PageRequest } from '../contract'
import { createLifecycle } from '../lifecycle'
import type { Database } from './driver'
import { retryWhileBusy } from './failures'
import { createWriteQueue, type WriteQueue } from './write-queue'

/** What a column can be given. Instants become milliseconds, booleans 0 and 1. */
export type ColumnInput = string | number | boolean | Date | null

/** A row to write, by column. Those for one table always name the same columns in the same order. */
export type RowInput = Readonly<Record<string, ColumnInput>>

interface Statement<R> {
  get(...parameters: readonly ColumnInput[]): R | undefined
  /** @throws {Error} when there is no such row: for one that this step or read has just seen */
  one(...parameters: readonly ColumnInput[]): R
  all(...parameters: readonly ColumnInput[]): R[]
  /** `changes` counts no rows that went by a foreign-key action. */
  run(...parameters: readonly ColumnInput[]): { readonly changes: number; readonly lastInsertRowid: number | bigint }
}

interface ListQuery<R, T> {
  readonly columns: string
  readonly from: string
  /** What to count instead, where that is fewer tables. */
  readonly countFrom?: string
  readonly where: string
  readonly orderBy: string
  readonly toEntity: (row: R) => T
}

/** The connection to the database: two ways to reach the database, and the statements to use inside them, each prepared once. */
export interface Store {
  open(): Promise<void>
  /** Waits for what is under way, then closes. From its call on, `read` and `write` refuse. */
  close(): Promise<void>
  /** One consistent snapshot, without waiting for writers. */
  read<T>(work: () => T): Promise<T>
  /**
   * One atomic step; see {@link WriteQueue.run}.
   * @param look reads first: where it has an answer (not undefined), nothing is written
   */
  write<T>(work: () => T, look?: () => T | undefined): Promise<T>

  // For use inside `read` and `write`
  sql<R>(text: string): Statement<R>
  /** Returns the new row's number. */
  insert(table: string, row: RowInput): number
  /** Like `insert`; undefined, and nothing is written, where another row has what is unique. */
  insertIfNew(table: string, row: RowInput): number | undefined
  update(table: string, seq: number, row: RowInput): void
  list<R, T>(query: ListQuery<R, T>, parameters: readonly ColumnInput[], page: PageRequest): Page<T>
}

interface Connection {
  readonly database: Database
  readonly queue: WriteQueue
  readonly beginRead: BetterSqlite3.Statement
  readonly endRead: BetterSqlite3.Statement
  /** By text. */
  readonly statements: Map<string, Statement<unknown>>
  /** By table. */
  readonly inserts: Map<string, Statement<unknown>>
  /** By table. */
  readonly insertsIfNew: Map<string, Statement<unknown>>
}

/** @param patienceMs how long a verb waits for the lock of another process */
export function createStore(openDatabase: () => Promise<Database>, patienceMs: number): Store {
  const lifecycle = createLifecycle('The SQLite storage', connect, ({ database }) => {
    // The last connection to a file copies the write-ahead log into it and removes the log.
    database.close()
  })

  async function connect(): Promise<Connection> {
    const database = await openDatabase()
    return {
      database,
      queue: createWriteQueue(database, patienceMs),
      beginRead: database.prepare('BEGIN'),
      endRead: database.prepare('COMMIT'),
      statements: new Map(),
      inserts: new Map(),
      insertsIfNew: new Map(),
    }
  }

  function read<T>(current: Connection, work: () => T): Promise<T> {
    return retryWhileBusy(() => inSnapshot(current, work), patienceMs)
  }

  function sql<R>(text: string): Statement<R> {
    return prepared(lifecycle.connection(), 'statements', text, () => text) as Statement<R>
  }

  return {
    open: lifecycle.open,
    close: lifecycle.close,

    read: (work) => lifecycle.during((current) => read(current, work)),

    write: (work, look) =>
      lifecycle.during(async (current) => {
        const answer = look && (await read(current, look))
        return answer ?? current.queue.run(work)
      }),

    sql,

    insert(table, row) {
      const statement = prepared(lifecycle.connection(), 'inserts', table, () => insertText(table, row))
      return Number(statement.run(...Object.values(row)).lastInsertRowid)
    },

    insertIfNew(table, row) {
      const text = () => `${insertText(table, row)} ON CONFLICT DO NOTHING`
      const { changes, lastInsertRowid } = prepared(lifecycle.connection(), 'insertsIfNew', table, text).run(
        ...Object.values(row),
      )
      return changes === 1 ? Number(lastInsertRowid) : undefined
    },

    update(table, seq, row) {
      const assignments = Object.keys(row).map((column) => `${column} = ?`)
      sql(`UPDATE ${table} SET ${assignments.join()} WHERE seq = ?`).run(...Object.values(row), seq)
    },

    list<R, T>(query: ListQuery<R, T>, parameters: readonly ColumnInput[], page: PageRequest) {
      const { columns, from, countFrom = from, where, orderBy, toEntity } = query
      const counted = sql<{ total: number }>(`SELECT count(*) AS total FROM ${countFrom} WHERE ${where}`)
      const selected = sql<R>(`SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY ${orderBy} LIMIT ? OFFSET ?`)
      const rows = selected.all(...parameters, page.limit, page.offset ?? 0)
      return { items: rows.map(toEntity), total: counted.get(...parameters)?.total ?? 0 }
    },
  }
}

function insertText(table: string, row: RowInput): string {
  const columns = Object.keys(row)
  return `INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map(() => '?').join()})`
}

function prepared(
  connection: Connection,
  cache: 'statements' | 'inserts' | 'insertsIfNew',
  name: string,
  text: () => string,
): Statement<unknown> {
  const known = connection[cache].get(name)
  if (known !== undefined) return known
  const statement = bindable(connection.database.prepare(text()))
  connection[cache].set(name, statement)
  return statement
}

function inSnapshot<T>({ database, beginRead, endRead }: Connection, work: () => T): T {
  beginRead.run()
  try {
    return work()
  } finally {
    // After an error too: nothing was written, so there is nothing to undo.
    if (database.inTransaction) endRead.run()
  }
}

function bindable(statement: BetterSqlite3.Statement<unknown[], unknown>): Statement<unknown> {
  const run: Statement<unknown>['run'] = (...parameters) => statement.run(...parameters.map(toColumn))
  if (!statement.reader) return withOne({ run, get: () => undefined, all: () => [] })

  // Rows come as arrays and are named here: for a license that takes two thirds of the time the driver needs for it.
  // Columns that a newer process adds under us come last, and are left out.
  const rows = statement.raw() as BetterSqlite3.Statement<unknown[], unknown[]>
  const columns = rows.columns().map(({ name }) => name)
  const named = (values: readonly unknown[]) => {
    const row: Record<string, unknown> = {}
    for (let index = 0; index < columns.length; index++) row[columns[index] ?? ''] = values[index]
    return row
  }
  return withOne({
    run,
    get(...parameters) {
      const values = rows.get(...parameters.map(toColumn))
      return values && named(values)
    },
    all: (...parameters) => rows.all(...parameters.map(toColumn)).map(named),
  })
}

function withOne(statement: Omit<Statement<unknown>, 'one'>): Statement<unknown> {
  const one: Statement<unknown>['one'] = (...parameters) => {
    const row = statement.get(...parameters)
    if (row === undefined) throw new Error('A row just seen is not there')
    return row
  }
  return { ...statement, one }
}

function toColumn(value: ColumnInput): string | number | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  return value instanceof Date ? value.getTime() : value
}
