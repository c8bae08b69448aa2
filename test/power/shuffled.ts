export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const drawn = [...values]
  for (const [place, value] of drawn.entries()) {
    const other = Math.floor(random() * (place + 1))
    drawn[place] = drawn[other] as T
    drawn[other] = value
  }
  return drawn
}
