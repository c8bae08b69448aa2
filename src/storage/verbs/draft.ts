import type { Kept } from '../../domain/decide-import'
import { type Entities, type EntityChange, type EntityName, insert, rely, replace } from '../../domain/decision'
import type { Query, Value } from '../contract'
import { TABLES } from '../tables'
import { ByName, type EntityKey } from './by-name'
import { type Facts, lookUp } from './facts'
import type { Later } from './later'

type Entity = Entities[EntityName]

/** An entity as it is to be, and as it is stored: null where it is new. */
interface Drafted {
  readonly of: EntityName
  readonly before: Entity | null
  after: Entity
}

const UNIQUE_SETS = Object.fromEntries(
  Object.entries(TABLES).map(([of, { definition }]) => [of, Object.entries(definition.unique ?? {})]),
) as unknown as Readonly<Record<EntityName, readonly (readonly [string, readonly string[]])[]>>

/**
 * What a step has decided so far, laid over what is stored: for steps that decide many things, each on what came before.
 * What nobody has read yet looks missing.
 */
export class Draft implements Kept {
  /** By their keys. */
  private readonly drafted = new ByName<Drafted>()
  /** In the order in which each was first decided. */
  private readonly order: Drafted[] = []
  /** What was drafted or looked up, by keys and unique sets; null for what is missing. */
  private readonly known = new ByName<Entity | null>()
  private readonly relied = new ByName<EntityChange>()
  private readonly reliedOn: { readonly key: EntityKey; readonly change: EntityChange }[] = []

  /** @param lookups the queries of the drafts before this one, of the same step: those are answered at once */
  constructor(
    private readonly facts: Facts,
    private readonly later: Later,
    private readonly lookups: ByName<Query>,
  ) {}

  find<K extends EntityName>(of: K, values: readonly Value[], by?: string): Entities[K] | null {
    const key = { of, by, values }
    const known = this.known.get(key)
    if (known !== undefined) return known as Entities[K] | null
    const found = this.facts.one(of, this.later.answer(this.lookup(key)))
    this.known.set(key, found)
    return found
  }

  insert<K extends EntityName>(of: K, entity: Entities[K]): void {
    this.put(of, null, entity)
  }

  replace<K extends EntityName>(of: K, before: Entities[K], after: Entities[K]): void {
    this.put(of, before, after)
  }

  rely<K extends EntityName>(of: K, entity: Entities[K]): void {
    const key = keyOf(of, entity)
    if (this.relied.get(key) !== undefined) return
    for (const change of rely(of, entity)) {
      this.relied.set(key, change)
      this.reliedOn.push({ key, change })
    }
  }

  changes(): readonly EntityChange[] {
    const changed = this.order.map(({ of, before, after }) =>
      before === null ? insert(of, after) : replace(of, before, after),
    )
    const relied = this.reliedOn.filter(({ key }) => this.drafted.get(key) === undefined)
    return [...changed, ...relied.map(({ change }) => change)]
  }

  private lookup(key: EntityKey): Query {
    const asked = this.lookups.get(key)
    if (asked !== undefined) return asked
    const query = lookUp(key.of, key.values, key.by === undefined ? {} : { by: key.by })
    this.lookups.set(key, query)
    return query
  }

  private put(of: EntityName, before: Entity | null, after: Entity) {
    const key = keyOf(of, after)
    const drafted = this.drafted.get(key)
    if (drafted !== undefined) drafted.after = after
    else {
      const made = { of, before, after }
      this.drafted.set(key, made)
      this.order.push(made)
    }
    this.known.set(key, after)
    for (const [by, columns] of UNIQUE_SETS[of]) this.known.set({ of, by, values: valuesIn(of, after, columns) }, after)
  }
}

function keyOf(of: EntityName, entity: Entity): EntityKey {
  return { of, values: valuesIn(of, entity, TABLES[of].definition.key) }
}

function valuesIn(of: EntityName, entity: Entity, columns: readonly string[]): readonly Value[] {
  return TABLES[of].toValues(entity as never, columns)
}
