import type { RunTest, Stage } from './stage'

/** A test for each entry of a table. */
export function testsFor<T>(
  table: Readonly<Record<string, T>>,
  name: (entry: string) => string,
  run: (stage: Stage, entry: T) => Promise<void>,
): Readonly<Record<string, RunTest>> {
  return Object.fromEntries(
    Object.entries(table).map(([entry, value]) => [name(entry), (stage: Stage) => run(stage, value)]),
  )
}
