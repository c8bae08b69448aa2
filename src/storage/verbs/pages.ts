import type { Entities, EntityName } from '../../domain/decision'
import type { Answer, Query, Row, Value } from '../contract'
import { columnsOf, valuesOf } from '../order'
import { TABLES } from '../tables'
import type { Facts, Looked } from './facts'
import type { FoundPage, PageRequest, Place, WalkRequest } from './outcomes'

type Asked = PageRequest & Partial<WalkRequest>

/** A stretch of a list in one order, counted unless it is one of a walk. */
export function pageQuery(
  by: string,
  equal: Query['equal'],
  { limit, offset = 0, after }: Asked,
  more: Partial<Looked> = {},
): Looked {
  return { by, equal, limit, skip: offset, count: after === undefined, ...(after?.length && { after }), ...more }
}

/** @param walked the query, and the page that it was made for, where the list may be walked */
export function pageFrom<K extends EntityName>(
  of: K,
  answer: Answer | undefined,
  facts: Facts,
  walked?: { readonly query: Looked; readonly page: Asked },
): FoundPage<Entities[K]> {
  const end = walked && endOf(of, answer, walked.query, walked.page)
  return { items: facts.all(of, answer), total: answer?.count ?? 0, ...withEnd(end) }
}

export function withEnd(end: Place | undefined): { readonly end?: Place } {
  return end === undefined ? {} : { end }
}

/** Where a walk goes on; undefined where the list has ended, and for what is no walk. */
export function endOf(
  of: EntityName,
  answer: Answer | undefined,
  { by = '', equal }: Looked,
  { limit, after }: Asked,
): Place | undefined {
  const rows = answer?.rows ?? []
  const last = after !== undefined && rows.length === limit ? rows.at(-1) : undefined
  return last && placeAfter(of, by, equal, last.row)
}

/** Where a list goes on after a row: for the `after` of a query in this order, of rows that have `equal`. */
export function placeAfter(of: EntityName, by: string, equal: Query['equal'], row: Row): readonly Value[] {
  return valuesOf(row, columnsOf(TABLES[of].definition, by).slice(equal.length))
}
