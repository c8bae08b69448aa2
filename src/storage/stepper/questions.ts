import type { Answer, Query, Storage } from '../contract'

/** The answer to a query, where it was asked before. */
export type Further = (query: Query) => Answer | undefined

/** What is to be known at one instant. */
export interface Asking {
  readonly queries: readonly Query[]
}

/** Two queries have one name where they ask the same. */
function nameOf(query: Query): string {
  return JSON.stringify(query)
}

/** Names what a query looks for, whatever it follows from there. */
export function lineOf({ table, by, equal }: Query): string {
  return JSON.stringify([table, by, equal])
}

/** The answers for each who asks, all of one instant: each different query is asked once, however many ask it. */
export async function readTogether<A extends Asking>(
  batch: readonly A[],
  database: Pick<Storage, 'read'>,
): Promise<ReadonlyMap<A, readonly Answer[]>> {
  const [only] = batch
  if (only === undefined) return new Map()
  if (batch.length === 1) return new Map([[only, await readEach(only.queries, database)]])

  const places = new Map<string, number>()
  const queries: Query[] = []
  const placed = batch.map((one) =>
    one.queries.map((query) => {
      const name = nameOf(query)
      const known = places.get(name)
      if (known !== undefined) return known
      places.set(name, queries.length)
      return queries.push(query) - 1
    }),
  )
  const answers = await readEach(queries, database)
  return new Map(batch.map((one, index) => [one, (placed[index] ?? []).map((place) => answers[place] as Answer)]))
}

async function readEach(queries: readonly Query[], database: Pick<Storage, 'read'>): Promise<readonly Answer[]> {
  return queries.length === 0 ? [] : database.read(queries)
}

/** Finds the answers by their queries: the very query, or one of the same name. */
export function furtherIn({ queries }: Asking, answers: readonly Answer[]): Further {
  let byQuery: ReadonlyMap<Query, Answer | undefined> | undefined
  let byName: ReadonlyMap<string, Answer | undefined> | undefined
  return (query) => {
    if (queries.length === 0) return undefined
    byQuery ??= new Map(queries.map((one, index) => [one, answers[index]]))
    const known = byQuery.get(query)
    if (known !== undefined) return known
    byName ??= new Map(queries.map((one, index) => [nameOf(one), answers[index]]))
    return byName.get(nameOf(query))
  }
}
