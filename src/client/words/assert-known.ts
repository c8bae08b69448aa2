/**
 * Refuses options that do not exist.
 * @throws {TypeError} naming the first key of `options` that is not in `known`
 */
export function assertKnown(options: object, known: Readonly<Record<string, unknown>>): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) throw new TypeError(`unknown option: ${name}`)
  }
}
