import type { Store } from '../../../../src/storage/verbs/store'
import { Tables } from '../differential/model/tables'
import { allGroups } from '../kit/groups'
import { storeConformance } from '../kit/kit'
import type { ConformanceGroup } from '../kit/stage'

/** The kit's failing tests, by group; no groups when the store keeps the contract. */
type Verdict = Readonly<Record<string, readonly string[]>>

/**
 * What the kit says of a store whose handles share one set of tables: a runner that collects failures instead of
 * reporting them.
 */
export async function verdictOn(
  create: (tables: Tables) => Store,
  groups: readonly ConformanceGroup[] = allGroups,
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
      return { createStore: () => create(tables) }
    },
    { groups },
  )

  const failures: Record<string, string[]> = {}
  for (const test of tests) {
    await test.run().catch(() => {
      failures[test.group] = [...(failures[test.group] ?? []), test.name]
    })
  }
  return failures
}
