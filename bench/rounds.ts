/** What can be run for a while and counts what it did. */
export interface Subject {
  readonly name: string
  /** Works until the time is up; returns the number of operations. */
  run(forMs: number): Promise<number>
}

export interface Measured {
  readonly name: string
  /** Median of the rounds. */
  readonly opsPerSecond: number
}

/** Medians of interleaved rounds, the order turned round each time: what drifts, drifts for all. */
export async function measure(
  subjects: readonly Subject[],
  rounds: number,
  forMs: number,
): Promise<readonly Measured[]> {
  const samples = new Map<string, number[]>(subjects.map(({ name }) => [name, []]))
  for (const { run } of subjects) await run(forMs / 3)
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const startedAt = performance.now()
      const ops = await run(forMs)
      samples.get(name)?.push((ops * 1000) / (performance.now() - startedAt))
    }
  }
  return subjects.map(({ name }) => ({ name, opsPerSecond: median(samples.get(name) ?? []) }))
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
