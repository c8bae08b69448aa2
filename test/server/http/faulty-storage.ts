import { memoryStorage, type Storage } from 'keyslot/storage'

export interface FaultyStorage {
  readonly storage: Storage
  /** From now on the verb does this instead. */
  break(verb: keyof Storage, fault: (...args: unknown[]) => unknown): void
  heal(): void
}

/** Memory storage whose verbs can be made to fail. */
export function faultyStorage(): FaultyStorage {
  const sound = memoryStorage()
  const faults = new Map<string | symbol, (...args: unknown[]) => unknown>()
  const storage = new Proxy(sound, {
    get(target, name) {
      const fault = faults.get(name)
      if (fault !== undefined) return fault
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return {
    storage,
    break: (verb, fault) => void faults.set(verb, fault),
    heal: () => faults.clear(),
  }
}
