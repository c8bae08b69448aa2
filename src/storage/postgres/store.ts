import { retry } from '../../waiting/retry'
import type { Page, PageRequest } from '../contract'
import { createLifecycle } from '../lifecycle'
import type { Row } from './columns'
import type { PostgresPool } from './driver'
import { isInTheWay, isRetryable, losesConnection, toStorageError } from './failures'
import { type Connection, type Connections, createConnections, type Limits } from './pool'

/** Rows come as one JSON text, whatever the types: a host may have told its `pg` to parse columns in ways of its own. */
export interface Statements {
  /** What a SELECT gives, or a writing statement's RETURNING. In `sql`, `@` before a name stands for the schema. */
  rows(sql: string, parameters?: readonly Parameter[]): Promise<readonly Row[]>
  /** The first of them. */
  row(sql: string, parameters?: readonly Parameter[]): Promise<Row | undefined>
}

export type Parameter = string | number | boolean | Date | null | readonly string[] | readonly number[] | JsonParameter

/** An object or a list of them, for a parameter of type json. */
export interface JsonParameter {
  readonly json: object
}

interface ListQuery<T> {
  readonly columns: string
  readonly from: string
  /** What to count instead, where that is fewer tables. */
  readonly countFrom?: string
  readonly where: string
  readonly orderBy: string
  readonly toEntity: (row: Row) => T
}

/** The database: statements by themselves, and steps of several. */
export interface Store extends Statements {
  readonly lockMs: number
  open(): Promise<void>
  /** Waits for what is under way, then closes. From its call on, everything else refuses. */
  close(): Promise<void>
  /** One atomic step, in READ COMMITTED. Done again, a few times, when another step came in between. */
  step<T>(work: (statements: Statements) => Promise<T>): Promise<T>
  list<T>(query: ListQuery<T>, parameters: readonly Parameter[], page: PageRequest): Promise<Page<T>>
}

export interface StoreOptions {
  /** The pool to use, and whether to end it on close. */
  readonly openPool: () => Promise<{ readonly pool: PostgresPool; readonly isOurs: boolean }>
  readonly schema: string
  readonly limits: Limits
  /** Brings the schema up to date. */
  readonly prepare: (connections: Connections, schema: string) => Promise<{ readonly isReadCommitted: boolean }>
}

interface Opened {
  readonly connections: Connections
  /** False where statements by themselves would run in another isolation level. */
  readonly isReadCommitted: boolean
}

const MAX_TRIES = 4

export function createStore({ openPool, schema, limits, prepare }: StoreOptions): Store {
  const lifecycle = createLifecycle('The PostgreSQL storage', connect, ({ connections }) => connections.close())
  const texts = new Map<string, string>()

  async function connect(): Promise<Opened> {
    const { pool, isOurs } = await openPool()
    const connections = createConnections(pool, isOurs, limits)
    try {
      const { isReadCommitted } = await prepare(connections, schema)
      return { connections, isReadCommitted }
    } catch (error) {
      await connections.close()
      throw toStorageError(error)
    }
  }

  function during<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return lifecycle.during(({ connections }) => tryAgain(connections, work))
  }

  /** As the statement is sent: its rows as JSON, its names in the schema. */
  function textOf(sql: string): string {
    const known = texts.get(sql)
    if (known !== undefined) return known
    const text = inSchema(`WITH r AS (${sql}) SELECT json_agg(r)::text AS rows FROM r`, schema)
    texts.set(sql, text)
    return text
  }

  const statementsOn = (connection: Connection): Statements => ({
    rows: async (sql, parameters = []) => parseRows(await connection.text(textOf(sql), parameters.map(toValue))),
    row: async (sql, parameters = []) => parseRows(await connection.text(textOf(sql), parameters.map(toValue)))[0],
  })

  // An app server that vanishes between two statements must not hold its locks until TCP notices, which takes hours.
  const begin = inSchema(
    `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${limits.statementMs};
      SET LOCAL idle_in_transaction_session_timeout = ${limits.statementMs}; SELECT @begin_step(${limits.lockMs})`,
    schema,
  )

  function step<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return during(async (connection) => {
      try {
        await connection.run(begin)
        const result = await work(statementsOn(connection))
        await connection.run('COMMIT')
        return result
      } catch (error) {
        // Of a connection that is lost the server rolls back by itself; to ask it would be to wait twice. Where it is lost
        // by asking, that is what to tell: it must not be lent again.
        if (!losesConnection(error)) await connection.run('ROLLBACK')
        throw error
      }
    })
  }

  async function rows(sql: string, parameters: readonly Parameter[] = []): Promise<readonly Row[]> {
    if (!lifecycle.connection().isReadCommitted) return step((statements) => statements.rows(sql, parameters))
    return during((connection) => statementsOn(connection).rows(sql, parameters))
  }

  return {
    lockMs: limits.lockMs,
    open: lifecycle.open,
    close: lifecycle.close,
    rows,
    row: async (sql, parameters) => (await rows(sql, parameters))[0],
    step,

    async list({ columns, from, countFrom = from, where, orderBy, toEntity }, parameters, page) {
      const limit = `LIMIT $${parameters.length + 1} OFFSET $${parameters.length + 2}`
      const [found] = await rows(
        `SELECT (SELECT count(*) FROM ${countFrom} WHERE ${where}) AS total,
           (SELECT json_agg(i) FROM (SELECT ${columns} FROM ${from} WHERE ${where} ORDER BY ${orderBy} ${limit}) i) AS items`,
        [...parameters, page.limit, page.offset ?? 0],
      )
      const items = (found?.items ?? []) as readonly Row[]
      return { items: items.map(toEntity), total: Number(found?.total) }
    },
  }
}

/** @param sql with `@` before the names that are the schema's */
export function inSchema(sql: string, schema: string): string {
  return sql.replace(/@(?=[a-z])/g, `"${schema}".`)
}

/** Only what the server says has not happened is done again: of a lost connection nobody knows. */
async function tryAgain<T>(connections: Connections, work: (connection: Connection) => Promise<T>): Promise<T> {
  return await retry(() => connections.during(work), {
    afterError(error, tried) {
      if (!isRetryable(error) || tried === MAX_TRIES) return undefined
      return isInTheWay(error) ? Math.random() * 20 * tried : 0
    },
  }).catch((error: unknown) => {
    throw toStorageError(error)
  })
}

function parseRows(text: string | null): readonly Row[] {
  return text === null ? [] : (JSON.parse(text) as readonly Row[])
}

function toValue(parameter: Parameter): unknown {
  if (parameter instanceof Date) return parameter.getTime()
  const isJson = typeof parameter === 'object' && parameter !== null && 'json' in parameter
  return isJson ? JSON.stringify(parameter.json) : parameter
}
