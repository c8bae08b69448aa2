import type { EntityName } from '../../domain/decision'
import type { Key, Query, Value } from '../contract'
import { keyName } from '../order'
import { lookUp } from './facts'

/** The queries for single rows, of which each is one object however often it is asked for. */
export class Lookups {
  private readonly sets = new Map<string, Map<Value, Query>>()

  /** @param by the unique set that the values are of; default the key */
  query(of: EntityName, values: Key, by?: string): Query {
    const queries = this.queriesOf(by === undefined ? of : `${of}.${by}`)
    const name = keyName(values)
    const known = queries.get(name)
    if (known !== undefined) return known
    const made = lookUp(of, values, by === undefined ? {} : { by })
    queries.set(name, made)
    return made
  }

  private queriesOf(set: string): Map<Value, Query> {
    const known = this.sets.get(set)
    if (known !== undefined) return known
    const made = new Map<Value, Query>()
    this.sets.set(set, made)
    return made
  }
}
