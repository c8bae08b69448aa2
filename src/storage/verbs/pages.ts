import type { Entities, EntityName } from '../../domain/decision'
import type { Answer, Query, Row, Value } from '../contract'
import { columnsOf, valuesOf } from '../order'
import { TABLES } from '../tables'
import type { Facts, Looked } from './facts'
import type { Page, PageRequest } from './store'

/** A stretch of a list in one order, counted. */
export function pageQuery(
  by: string,
  equal: Query['equal'],
  { limit, offset = 0 }: PageRequest,
  more: Partial<Looked> = {},
): Looked {
  return { by, equal, limit, skip: offset, count: true, ...more }
}

export function pageFrom<K extends EntityName>(of: K, answer: Answer | undefined, facts: Facts): Page<Entities[K]> {
  return { items: facts.all(of, answer), total: answer?.count ?? 0 }
}

/** Where a list goes on after a row: for the `after` of a query in this order, of rows that have `equal`. */
export function placeAfter(of: EntityName, by: string, equal: Query['equal'], row: Row): readonly Value[] {
  return valuesOf(row, columnsOf(TABLES[of].definition, by).slice(equal.length))
}
