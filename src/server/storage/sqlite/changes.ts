/** The changes that were given; a key whose value is undefined was not. */
export function definedOnly<T extends object>(changes: T): T {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as T
}
