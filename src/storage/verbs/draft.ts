import type { Kept } from '../../domain/decide-import'
import { type Entities, type EntityChange, type EntityName, insert, rely, replace } from '../../domain/decision'
import type { Value } from '../contract'
import { rowName, valuesOf } from '../order'
import { TABLES } from '../tables'
import { type Facts, lookUp } from './facts'
import type { Later } from './later'

type Entity = Entities[EntityName]

/** An entity as it is to be, and as it is stored: null where it is new. */
interface Drafted {
  readonly of: EntityName
  readonly before: Entity | null
  readonly after: Entity
}

/**
 * What a step has decided so far, laid over what is stored: for steps that decide many things, each on what came before.
 * What nobody has read yet looks missing.
 */
export class Draft implements Kept {
  /** By the names of their keys. */
  private readonly drafted = new Map<string, Drafted>()
  /** The same, by the names of their keys and of their unique sets. */
  private readonly named = new Map<string, Entity>()
  private readonly relied = new Map<string, EntityChange>()

  constructor(
    private readonly facts: Facts,
    private readonly later: Later,
  ) {}

  find<K extends EntityName>(of: K, values: readonly Value[], by?: string): Entities[K] | null {
    const name = nameOf(of, by, values)
    const known = this.named.get(name)
    if (known !== undefined) return known as Entities[K]
    const found = this.facts.one(of, this.later.answer(lookUp(of, values, by === undefined ? {} : { by })))
    if (found !== null) this.named.set(name, found)
    return found
  }

  insert<K extends EntityName>(of: K, entity: Entities[K]): void {
    this.put({ of, before: null, after: entity })
  }

  replace<K extends EntityName>(of: K, before: Entities[K], after: Entities[K]): void {
    const drafted = this.drafted.get(keyOf(of, after))
    this.put({ of, before: drafted === undefined ? before : drafted.before, after })
  }

  rely<K extends EntityName>(of: K, entity: Entities[K]): void {
    const name = keyOf(of, entity)
    if (this.drafted.has(name)) return
    for (const change of rely(of, entity)) this.relied.set(name, change)
  }

  /** In the order in which each was first decided. */
  changes(): readonly EntityChange[] {
    const relied = [...this.relied].filter(([name]) => !this.drafted.has(name)).map(([, change]) => change)
    const changed = [...this.drafted.values()].map(({ of, before, after }) =>
      before === null ? insert(of, after) : replace(of, before, after),
    )
    return [...changed, ...relied]
  }

  private put(drafted: Drafted) {
    this.drafted.set(keyOf(drafted.of, drafted.after), drafted)
    for (const name of namesOf(drafted.of, drafted.after)) this.named.set(name, drafted.after)
  }
}

function nameOf(of: EntityName, by: string | undefined, values: readonly Value[]): string {
  return rowName(`${of}.${by ?? ''}`, values)
}

function keyOf(of: EntityName, entity: Entity): string {
  const { definition, columns } = inColumns(of, entity)
  return nameOf(of, undefined, valuesOf(columns, definition.key))
}

/** By its key, and by each of its unique sets. */
function namesOf(of: EntityName, entity: Entity): readonly string[] {
  const { definition, columns } = inColumns(of, entity)
  const unique = Object.entries(definition.unique ?? {}).map(([by, set]) => nameOf(of, by, valuesOf(columns, set)))
  return [nameOf(of, undefined, valuesOf(columns, definition.key)), ...unique]
}

function inColumns(of: EntityName, entity: Entity) {
  const { definition, toColumns } = TABLES[of]
  return { definition, columns: toColumns(entity as never) }
}
