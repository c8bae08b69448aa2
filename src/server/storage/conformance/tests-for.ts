import type { ConformanceGroup, Stage } from './kit'

/** A test for each entry of a table. */
export function testsFor<T>(
  table: Readonly<Record<string, T>>,
  name: (entry: string) => string,
  run: (stage: Stage, entry: T) => Promise<void>,
): ConformanceGroup['tests'] {
  return Object.fromEntries(
    Object.entries(table).map(([entry, value]) => [name(entry), (stage: Stage) => run(stage, value)]),
  )
}
