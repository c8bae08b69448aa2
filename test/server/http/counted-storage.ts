import { memoryStorage, type Storage } from 'keyslot/storage'

export interface CountedStorage {
  readonly storage: Storage
  /** The verbs called since this was asked last, in their order. */
  calls(): readonly string[]
}

/** Memory storage that tells what it was asked. */
export function countedStorage(storage: Storage = memoryStorage()): CountedStorage {
  let called: string[] = []
  const counted = new Proxy(storage, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        called.push(String(name))
        return Reflect.apply(member, target, args)
      }
    },
  })
  return {
    storage: counted,
    calls() {
      const since = called
      called = []
      return since
    },
  }
}
