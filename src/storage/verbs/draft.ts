import type { Kept } from '../../domain/decide-import'
import { type Entities, type EntityChange, type EntityName, insert, rely, replace } from '../../domain/decision'
import type { Query, Value } from '../contract'
import { TABLES } from '../tables'
import type { Facts } from './facts'
import type { Later } from './later'
import type { Lookups } from './lookups'

type Entity = Entities[EntityName]

/** An entity as it is to be, and as it is stored: null where it is new. */
interface Drafted {
  readonly of: EntityName
  readonly before: Entity | null
  after: Entity
}

/**
 * What a step has decided so far, laid over what is stored: for steps that decide many things, each on what came before.
 * What nobody has read yet looks missing. Rows are named by their queries.
 */
export class Draft implements Kept {
  /** In the order in which each was first decided. */
  private readonly drafted = new Map<Query, Drafted>()
  private readonly relied = new Map<Query, EntityChange>()
  /** What was drafted or looked up, by key and by each unique set; null for what is missing. */
  private readonly known = new Map<Query, Entity | null>()

  /** @param lookups one for all drafts of a step, so that each of them asks the same queries */
  constructor(
    private readonly facts: Facts,
    private readonly later: Later,
    private readonly lookups: Lookups,
  ) {}

  find<K extends EntityName>(of: K, values: readonly Value[], by?: string): Entities[K] | null {
    const query = this.lookups.query(of, values, by)
    const known = this.known.get(query)
    if (known !== undefined) return known as Entities[K] | null
    const stored = this.storedValues(of, values)
    if (stored === undefined) return null
    const found = this.facts.one(of, this.later.answer(stored === values ? query : this.lookups.query(of, stored, by)))
    this.known.set(query, found)
    return found
  }

  insert<K extends EntityName>(of: K, entity: Entities[K]): void {
    this.put(of, null, entity)
  }

  replace<K extends EntityName>(of: K, before: Entities[K], after: Entities[K]): void {
    this.put(of, before, after)
  }

  rely<K extends EntityName>(of: K, entity: Entities[K]): void {
    for (const change of rely(of, entity)) this.relied.set(this.queryOf(of, entity), change)
  }

  changes(): readonly EntityChange[] {
    const changed = [...this.drafted.values()].map(({ of, before, after }) =>
      before === null ? insert(of, after) : replace(of, before, after),
    )
    const relied = [...this.relied].filter(([query]) => !this.drafted.has(query))
    return [...changed, ...relied.map(([, change]) => change)]
  }

  private put(of: EntityName, before: Entity | null, after: Entity) {
    const query = this.queryOf(of, after)
    const drafted = this.drafted.get(query)
    if (drafted === undefined) this.drafted.set(query, { of, before, after })
    else drafted.after = after
    this.known.set(query, after)
    for (const [by, columns] of TABLES[of].uniqueSets) {
      this.known.set(this.lookups.query(of, valuesIn(of, after, said(columns)), by), after)
    }
  }

  /** The values as a stored row has them; undefined where there is none, because its license is new or not yet read. */
  private storedValues(of: EntityName, values: readonly Value[]): readonly Value[] | undefined {
    if (of !== 'activation' && of !== 'session') return values
    const [licenseId, ...rest] = values
    const generation = this.facts.generationOf(of, licenseId as string)
    return generation === undefined ? undefined : [licenseId as string, generation, ...rest]
  }

  private queryOf(of: EntityName, entity: Entity): Query {
    return this.lookups.query(of, valuesIn(of, entity, said(TABLES[of].definition.key)))
  }
}

/** The columns that an entity has values for: a draft has rows of one generation only. */
function said(columns: readonly string[]): readonly string[] {
  return columns.filter((column) => column !== 'generation')
}

function valuesIn(of: EntityName, entity: Entity, columns: readonly string[]): readonly Value[] {
  return TABLES[of].toValues(entity as never, columns)
}
