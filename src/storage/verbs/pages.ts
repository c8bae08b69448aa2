import type { Entities, EntityName } from '../../domain/decision'
import type { Answer, Query } from '../contract'
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
