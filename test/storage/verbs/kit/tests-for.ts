import type { ConformanceGroup, Offering, Stage } from './stage'

/** What an entry of a table can say of itself. */
export interface Entry {
  /** Only adapters that offer all of these are tried. */
  readonly needs?: readonly Offering[]
}

/** A test for each entry of a table. */
export function testsFor<T>(
  table: Readonly<Record<string, T & Entry>>,
  name: (entry: string) => string,
  run: (stage: Stage, entry: T) => Promise<void>,
): ConformanceGroup['tests'] {
  return Object.fromEntries(
    Object.entries(table).map(([entry, value]) => {
      return [name(entry), { needs: value.needs ?? [], run: (stage: Stage) => run(stage, value) }]
    }),
  )
}
