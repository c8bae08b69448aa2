import type { Store } from '../../../../src/storage/verbs/store'
import { type ConformanceOptions, storeConformance } from '../kit'
import { Tables } from '../differential/model/tables'

/** The kit's failing tests, by group; no groups when the adapter keeps the contract. */
export type Verdict = Readonly<Record<string, readonly string[]>>

/**
 * What the kit says of an adapter whose handles share one set of tables: a runner that collects failures instead of
 * reporting them.
 */
export async function verdictOn(
  create: (tables: Tables) => Store,
  options: ConformanceOptions = {},
): Promise<Verdict> {
  const tests: { group: string; name: string; run: () => Promise<void> }[] = []
  let group = ''
  storeConformance(
    {
      describe: (name, body) => {
        group = name
        body()
      },
      it: (name, run) => tests.push({ group, name, run }),
    },
    () => {
      const tables = new Tables()
      return { createStorage: () => create(tables) }
    },
    options,
  )

  const failures: Record<string, string[]> = {}
  for (const test of tests) {
    await test.run().catch(() => {
      failures[test.group] = [...(failures[test.group] ?? []), test.name]
    })
  }
  return failures
}
