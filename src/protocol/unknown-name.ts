/** More mistakes than this make another word. */
const MOST_MISTAKES = 3
/** Names of ours are shorter; the work grows with the length. */
const LONGEST_NAME = 64

/** `. Did you mean maxActivations?` where a known name is that near to one that is not known; nothing where none is. */
export function didYouMean(name: string, known: readonly string[]): string {
  // Known it may be elsewhere: of another shape that the object could have.
  if (name.length > LONGEST_NAME || known.includes(name)) return ''
  let nearest: { readonly word: string; readonly mistakes: number } | undefined
  for (const word of known) {
    const mistakes = mistakesBetween(name.toLowerCase(), word.toLowerCase())
    const isNear = mistakes <= MOST_MISTAKES && mistakes * 2 <= Math.min(name.length, word.length)
    if (isNear && mistakes < (nearest?.mistakes ?? Number.POSITIVE_INFINITY)) nearest = { word, mistakes }
  }
  return nearest === undefined ? '' : `. Did you mean ${nearest.word}?`
}

/**
 * Refuses options that do not exist: a mistyped one would otherwise be the default without a word.
 *
 * @param taker the function that takes the options, and the option that they are of: `createLicensing`, `createLicensing: webhooks`
 * @throws {TypeError} naming the first one that is not known, and the known one that is near to it
 */
export function refuseUnknown(taker: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new TypeError(`${taker}: unknown option ${name}${didYouMean(name, known)}`)
  }
}

/** How many letters were left out, added, changed, or swapped with the next one (optimal string alignment). */
function mistakesBetween(given: string, meant: string): number {
  const rows = [Array.from({ length: meant.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? Number.POSITIVE_INFINITY
  for (let row = 1; row <= given.length; row++) {
    const counts = [row]
    rows.push(counts)
    for (let column = 1; column <= meant.length; column++) {
      const differs = given[row - 1] === meant[column - 1] ? 0 : 1
      const isSwapped = given[row - 1] === meant[column - 2] && given[row - 2] === meant[column - 1]
      counts[column] = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + differs,
        isSwapped ? at(row - 2, column - 2) + 1 : Number.POSITIVE_INFINITY,
      )
    }
  }
  return at(given.length, meant.length)
}
