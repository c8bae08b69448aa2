import type { Change, ChangeSet, Key, Table, Value } from '../contract'
import { compareLists, valuesOf } from '../order'
import { everyColumn, nameIn, type Place, quote, tableIn, typeOf, unnest } from './names'
import { Statements } from './statements'

/** One statement for any number of sets: each is written whole, or not at all. */
export interface WriteStatement {
  readonly text: string
  readonly name: string | undefined
  readonly parameters: readonly unknown[]
  /** @param json what the statement's one column has: the sets that are written */
  toFates(json: string | null): readonly ('written' | 'conflict')[]
}

/** A line of a part's arrays: the number of its set, then its values. */
type Line = readonly Value[]

interface Named {
  readonly key: Key
  readonly line: Line
}

/** What one part of a statement says, and the types of its arrays. Parts sort by name: locks come first. */
interface Part {
  readonly types: readonly string[]
  readonly sql: (from: string) => string
}

/**
 * The first statement of its transaction to ask for it gets what the transaction needs: a wait with an end, and a commit that
 * waits for the disk also where the database's default is not to.
 */
const settings = (lockMs: number) => `g AS MATERIALIZED (SELECT
  set_config('lock_timeout', '${lockMs}', true) || set_config('synchronous_commit',
    CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true) AS g)`

export function createWrites(place: Place, lockMs: number): (sets: readonly ChangeSet[]) => WriteStatement {
  const statements = new Statements((names) => {
    let first = 3
    const parts = names.map((name) => {
      const { types, sql } = partOf(place, name)
      const from = unnest(types, first)
      first += types.length
      return { isLock: name.startsWith('1'), sql: sql(from) }
    })
    const locks = parts.filter(({ isLock }) => isLock).map(({ sql }) => sql)
    const locked = locks.length === 0 ? 'SELECT 0 AS s WHERE false' : locks.join(' UNION ALL ')
    const writes = parts.filter(({ isLock }) => !isLock).map(({ sql }, index) => `, w${index} AS (${sql})`)
    return `WITH ${settings(lockMs)}, l AS MATERIALIZED (${locked}),
      ok AS MATERIALIZED (SELECT n.s FROM ${unnest(['int', 'int'], 1)} n(s, c)
        LEFT JOIN (SELECT s, count(*) AS c FROM l GROUP BY s) h ON h.s = n.s
        WHERE (SELECT g FROM g) IS NOT NULL AND coalesce(h.c, 0) = n.c)${writes.join('')}
      SELECT json_agg(s)::text FROM ok`
  })

  return (sets) => {
    const asked = new Map<string, Named[]>()
    for (const [index, set] of sets.entries()) gather(place, set, index, asked)
    const { parts, text, name } = statements.with(asked.keys())
    const lists = parts.flatMap((part) => {
      // Every process locks in one order: tables by name, rows by key.
      const lines = (asked.get(part) ?? []).sort((a, b) => compareLists(a.key, b.key))
      return partOf(place, part).types.map((_, at) => lines.map(({ line }) => line[at] ?? null))
    })
    const relied = sets.map((set) => set.filter(({ kind }) => kind !== 'insert').length)
    return {
      text,
      name,
      parameters: [sets.map((_, index) => index), relied, ...lists],
      toFates(json) {
        const written = new Set(JSON.parse(json ?? '[]') as readonly number[])
        return sets.map((_, index) => (written.has(index) ? 'written' : 'conflict'))
      },
    }
  }
}

function gather(place: Place, set: ChangeSet, index: number, asked: Map<string, Named[]>) {
  const add = (part: string, key: Key, values: readonly Value[]) => {
    const named = { key, line: [index, ...values] }
    const known = asked.get(part)
    if (known === undefined) asked.set(part, [named])
    else known.push(named)
  }
  for (const change of set) {
    const table = tableIn(place.tables, change.table)
    if (change.kind === 'insert') {
      add(`2/insert/${change.table}`, valuesOf(change.row, table.key), valuesOf(change.row, everyColumn(table)))
      continue
    }
    const { key, revision } = change
    add(`1/lock/${change.table}`, key, [...key, revision, change.kind === 'guard'])
    const part = writePart(change)
    if (part === undefined) continue
    add(part, key, [
      ...key,
      revision,
      ...(change.kind === 'update' ? valuesOf(change.set, columnsSet(change.set)) : []),
    ])
  }
}

function writePart(change: Change): string | undefined {
  if (change.kind === 'update') return `2/update/${change.table}/${columnsSet(change.set).join('/')}`
  return change.kind === 'delete' ? `2/delete/${change.table}` : undefined
}

function columnsSet(set: object): readonly string[] {
  return Object.keys(set).sort()
}

function partOf(place: Place, name: string): Part {
  const [, kind = '', of = '', ...columns] = name.split('/')
  const table = tableIn(place.tables, of)
  const target = nameIn(place, of)
  if (kind === 'insert') return insertPart(table, target)
  const keyTypes = table.key.map((column) => typeOf(table, column))
  const keyList = table.key.map((_, index) => `k${index}`)
  if (kind === 'lock') return lockPart(table, target, keyTypes, keyList)
  const types = ['int', ...keyTypes, 'bigint', ...columns.map((column) => typeOf(table, column))]
  const list = ['s', ...keyList, 'r', ...columns.map((_, index) => `v${index}`)].join()
  // Through ANY no plan reads the whole table to hash it, however small it was when the plan was made.
  const same = [...table.key, 'revision']
    .map((column, index) => `t.${quote(column)} = ANY (ARRAY[q.${keyList[index] ?? 'r'}])`)
    .join(' AND ')
  const assigned = columns.map((column, index) => `${quote(column)} = q.v${index}`).join()
  return {
    types,
    sql: (from) => {
      const joined = `${from} q(${list}) JOIN ok ON ok.s = q.s WHERE ${same}`
      return kind === 'update'
        ? `UPDATE ${target} t SET ${assigned} FROM ${joined}`
        : `DELETE FROM ${target} t USING ${joined}`
    },
  }
}

function lockPart(table: Table, target: string, keyTypes: readonly string[], keyList: readonly string[]): Part {
  const same = table.key.map((column, index) => `t.${quote(column)} = q.${keyList[index]}`).join(' AND ')
  const lock = (which: string, how: string) =>
    `SELECT FROM (SELECT FROM ${target} t WHERE ${same} AND t.revision = q.r AND ${which} FOR ${how}) y`
  return {
    types: ['int', ...keyTypes, 'bigint', 'boolean'],
    sql: (from) => `SELECT q.s FROM ${from} q(s, ${keyList.join()}, r, g)
      CROSS JOIN LATERAL (${lock('NOT q.g', 'NO KEY UPDATE')} UNION ALL ${lock('q.g', 'SHARE')}) x
      WHERE (SELECT g FROM g) IS NOT NULL`,
  }
}

function insertPart(table: Table, target: string): Part {
  const columns = everyColumn(table)
  const list = columns.map((_, index) => `v${index}`).join()
  return {
    types: ['int', ...columns.map((column) => typeOf(table, column))],
    sql: (from) => `INSERT INTO ${target} (${columns.map(quote).join()}) SELECT ${list}
      FROM ${from} q(s, ${list}) JOIN ok ON ok.s = q.s`,
  }
}
