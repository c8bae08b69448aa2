import type { Entities, EntityChange, EntityName } from '../../domain/decision'
import type { Answer, Found, Query, Row } from '../contract'
import type { RowChange } from '../stepper/overlay'
import { TABLES } from '../tables'

/** What to look for: see `Query`. Columns and sets go by the names of `TABLES`. */
export type Looked = Omit<Query, 'table' | 'limit'> & { readonly limit?: number }

/** More rows than any answer has. */
const ALL = 1_000_000_000

export function lookFor(of: EntityName, query: Looked): Query {
  return { limit: ALL, ...query, table: TABLES[of].name }
}

/** The one row that these values name. */
export function lookUp(of: EntityName, equal: Query['equal'], query: Omit<Looked, 'equal'> = {}): Query {
  return { limit: 1, ...query, equal, table: TABLES[of].name }
}

/** Entities out of rows, and the rows that they came from, so that a decision can say what it has seen. */
export class Facts {
  private readonly rows = new Map<object, Row>()

  /** @param newPlace gives each row a place behind all places given before */
  constructor(private readonly newPlace: () => number) {}

  all<K extends EntityName>(of: K, answer: Answer | undefined): readonly Entities[K][] {
    return (answer?.rows ?? []).map((found) => this.entity(of, found))
  }

  one<K extends EntityName>(of: K, answer: Answer | undefined): Entities[K] | null {
    const found = answer?.rows[0]
    return found === undefined ? null : this.entity(of, found)
  }

  entity<K extends EntityName>(of: K, { row }: Found): Entities[K] {
    const entity = TABLES[of].toEntity(row)
    this.rows.set(entity, row)
    return entity
  }

  /** True where the row of the first came before that of the other; both are of one table whose rows have places. */
  isBefore(first: object, other: object): boolean {
    const placeOf = (entity: object) => Number(this.rows.get(entity)?.place)
    return placeOf(first) < placeOf(other)
  }

  /** The rows that change, where entities do. */
  toRowChange(change: EntityChange): RowChange {
    const { name: table, placed, toColumns } = TABLES[change.of] as (typeof TABLES)['license']
    const columns = (entity: object) => toColumns(entity as Entities['license'])
    if (change.kind === 'insert') {
      const row = columns(change.after)
      if (placed) row.place = this.newPlace()
      return { kind: 'insert', table, row }
    }
    const before = this.rows.get(change.before)
    if (before === undefined) throw new Error(`A decision names a ${change.of} that it was not given`)
    if (change.kind === 'replace') return { kind: 'update', table, before, set: columns(change.after) }
    return { kind: change.kind === 'remove' ? 'delete' : 'guard', table, before }
  }
}
