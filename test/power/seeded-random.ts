/** The same numbers at every run: xorshift32, from 0 up to 1. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const drawn = [...values]
  for (const [place, value] of drawn.entries()) {
    const other = Math.floor(random() * (place + 1))
    drawn[place] = drawn[other] as T
    drawn[other] = value
  }
  return drawn
}
