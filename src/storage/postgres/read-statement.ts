import type { Answer, Query, Value } from '../contract'
import { type Place, unnest } from './names'
import { describe, type Reader, type Shape, shapeOf } from './read-shape'
import { Statements } from './statements'

/** One statement, so that all answers are of one instant. */
export interface ReadStatement {
  readonly text: string
  readonly name: string | undefined
  readonly parameters: readonly unknown[]
  /** @param json what the statement's one column has */
  toAnswers(json: string | null): readonly Answer[]
}

type Found = readonly [part: number, place: number, ...answer: unknown[]]

/** Makes statements for queries: a part for each shape, with an array for each value. */
export function createReads(place: Place): (queries: readonly Query[]) => ReadStatement {
  const shapes = new Map<string, Shape>()
  const statements = new Statements((parts) => {
    let first = 1
    const selects = parts.map((key, part) => {
      const { sql, types } = shapes.get(key) as Shape
      // Something must say how often it is asked, where there is no value.
      const columns = types.length === 0 ? ['bigint'] : types
      const list = columns.map((_, index) => `p${index}`).join()
      const from = `${unnest(columns, first)} WITH ORDINALITY q(${list}, n)`
      first += columns.length
      return `SELECT json_build_array(${part}, q.n, ${sql}) FROM ${from}`
    })
    return `SELECT json_agg(a)::text FROM (${selects.join(' UNION ALL ')}) x(a)`
  })

  return (queries) => {
    const asked = new Map<string, { readonly indexes: number[]; readonly lists: Value[][] }>()
    for (const [index, query] of queries.entries()) {
      const values: Value[] = []
      const key = describe(query, values)
      if (values.length === 0) values.push(0)
      if (!shapes.has(key)) shapes.set(key, shapeOf(place, query))
      const same = asked.get(key) ?? { indexes: [], lists: values.map(() => []) }
      asked.set(key, same)
      same.indexes.push(index)
      for (const [at, value] of values.entries()) same.lists[at]?.push(value)
    }
    const { parts, text, name } = statements.with(asked.keys())
    const readers = parts.map((key) => (shapes.get(key) as Shape).reader)
    const parameters = parts.flatMap((key) => {
      const width = Math.max(1, (shapes.get(key) as Shape).types.length)
      return asked.get(key)?.lists ?? Array.from({ length: width }, () => [])
    })
    return {
      text,
      name,
      parameters,
      toAnswers(json) {
        const answers: Answer[] = []
        for (const [part, n, ...answer] of json === null ? [] : (JSON.parse(json) as readonly Found[])) {
          const index = asked.get(parts[part] ?? '')?.indexes[n - 1] ?? -1
          answers[index] = toAnswer(readers[part] as Reader, answer, 0)
        }
        return answers
      },
    }
  }
}

function toAnswer(reader: Reader, list: readonly unknown[], at: number): Answer {
  const { columns, isCounted, follow } = reader
  const rows = ((list[at] ?? []) as readonly (readonly unknown[])[]).map((values) => {
    const row: Record<string, Value> = {}
    for (const [index, column] of columns.entries()) row[column] = values[index] as Value
    const followed: Record<string, Answer> = {}
    let next = columns.length
    for (const [name, below] of follow) {
      followed[name] = toAnswer(below, values, next)
      next += below.isCounted ? 2 : 1
    }
    return { row, followed }
  })
  return isCounted ? { rows, count: list[at + 1] as number } : { rows }
}
