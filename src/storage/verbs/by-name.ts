import type { EntityName } from '../../domain/decision'
import type { Key, Value } from '../contract'
import { keyName } from '../order'

/** The values of a key, or of the unique set `by`, of entities of one kind. */
export interface EntityKey {
  readonly of: EntityName
  readonly by?: string | undefined
  readonly values: Key
}

/** A map by the keys and unique sets of entities. */
export class ByName<T> {
  private readonly sets = new Map<string, Map<Value, T>>()

  get({ of, by, values }: EntityKey): T | undefined {
    return this.sets.get(setName(of, by))?.get(keyName(values))
  }

  set({ of, by, values }: EntityKey, value: T): void {
    const name = setName(of, by)
    const known = this.sets.get(name)
    if (known !== undefined) known.set(keyName(values), value)
    else this.sets.set(name, new Map([[keyName(values), value]]))
  }
}

function setName(of: EntityName, by: string | undefined): string {
  return by === undefined ? of : `${of}.${by}`
}
