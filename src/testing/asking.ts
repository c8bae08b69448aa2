import assert from 'node:assert/strict'
import type { Answer, Change, ChangeSet, Key, Operand, Query, Row, Storage, Value } from '../storage/contract'

/** More than any test stores. */
const ALL_ROWS = 1_000_000

/** The row with this key. */
export function one(table: string, ...equal: Operand[]): Query {
  return { table, equal, limit: 1 }
}

/** All rows of a table by its key, or as `how` says. */
export function all(table: string, how: Partial<Query> = {}): Query {
  return { table, equal: [], limit: ALL_ROWS, ...how }
}

export async function answerTo(storage: Storage, query: Query): Promise<Answer> {
  const answers = await storage.read([query])
  assert.equal(answers.length, 1)
  return answers[0] as Answer
}

export async function rowsOf(storage: Storage, query: Query): Promise<readonly Row[]> {
  return (await answerTo(storage, query)).rows.map(({ row }) => row)
}

/** The values that the rows found have in one column, in the order they come. */
export async function valuesIn(storage: Storage, column: string, query: Query): Promise<readonly Value[]> {
  return (await rowsOf(storage, query)).map((row) => row[column] as Value)
}

/** Everything that is stored, by key. */
export async function everything(storage: Storage): Promise<readonly (readonly Row[])[]> {
  const answers = await storage.read([all('items'), all('pairs'), all('links')])
  return answers.map(({ rows }) => rows.map(({ row }) => row))
}

export function insert(table: string, row: Row): Change {
  return { kind: 'insert', table, row }
}

export function inserts(table: string, rows: readonly Row[]): ChangeSet {
  return rows.map((row) => insert(table, row))
}

/** Changes a row that is at `revision`: it is one higher then. */
export function update(table: string, key: Key, revision: number, values: Readonly<Record<string, Value>>): Change {
  return { kind: 'update', table, key, revision, set: { ...values, revision: revision + 1 } }
}

export function remove(table: string, key: Key, revision = 1): Change {
  return { kind: 'delete', table, key, revision }
}

export function guard(table: string, key: Key, revision = 1): Change {
  return { kind: 'guard', table, key, revision }
}

/** Writes one set that nothing stands against. */
export async function store(storage: Storage, set: ChangeSet): Promise<void> {
  assert.deepEqual(await storage.write([set]), ['written'])
}

/** Tries to write one set that something stands against. */
export async function refused(storage: Storage, set: ChangeSet): Promise<void> {
  assert.deepEqual(await storage.write([set]), ['conflict'])
}

export function repeat<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index))
}
