import type { Entities, EntityChange, EntityName, Occupancy } from '../../domain/decision'
import type { Answer, Found, Query, Row, Value } from '../contract'
import type { EntityTable } from '../define-table'
import type { RowChange } from '../stepper/overlay'
import { TABLES } from '../tables'
import { GENERATION_OF } from './generation-columns'

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
  /** The licenses that were read or are inserted, by id. */
  private readonly licenses = new Map<Value, Row>()
  /** By license, as it was read: the generations that it says from now on. */
  private readonly renewed = new Map<object, Row>()

  /** @param newPlace gives each row a place, and each license its generations, behind all given before */
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
    if (of === 'license') this.licenses.set(row.id ?? null, row)
    return entity
  }

  /** True where the row of the first came before that of the other; both are of one table whose rows have places. */
  isBefore(first: object, other: object): boolean {
    const placeOf = (entity: object) => Number(this.rows.get(entity)?.place)
    return placeOf(first) < placeOf(other)
  }

  /** The generation that counts of a license's rows; undefined where the license was not read. */
  generationOf(of: Occupancy, licenseId: string): number | undefined {
    return this.licenses.get(licenseId)?.[GENERATION_OF[of]] as number | undefined
  }

  /** The license says another generation once it is replaced: its rows are left behind. */
  renew(of: Occupancy, license: object): void {
    this.renewed.set(license, { ...this.renewed.get(license), [GENERATION_OF[of]]: this.newPlace() })
  }

  /** The rows that change, where entities do. */
  toRowChange(change: EntityChange): RowChange {
    const { name: table, placed, toColumns, toChanges } = TABLES[change.of] as EntityTable<object>
    if (change.kind === 'insert') {
      const row: Record<string, Value> = { ...toColumns(change.after), ...this.keptOf(change) }
      if (placed) row.place = this.newPlace()
      if (change.of === 'license') this.licenses.set(change.after.id, row)
      return { kind: 'insert', table, row }
    }
    const before = this.rows.get(change.before)
    if (before === undefined) throw new Error(`A decision names a ${change.of} that it was not given`)
    if (change.kind !== 'replace') return { kind: change.kind === 'remove' ? 'delete' : 'guard', table, before }
    const set = { ...toChanges(change.before, change.after), ...this.renewed.get(change.before) }
    return { kind: 'update', table, before, set }
  }

  /** What is no field of a new row. */
  private keptOf({ of, after }: EntityChange & { readonly kind: 'insert' }): Row {
    if (of === 'license') return { slot_generation: this.newPlace(), seat_generation: this.newPlace() }
    if (of !== 'activation' && of !== 'session') return {}
    const generation = this.generationOf(of, after.licenseId)
    if (generation === undefined) throw new Error(`A decision inserts a ${of} of a license that it was not given`)
    return { generation }
  }
}
