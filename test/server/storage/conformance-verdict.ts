import { storageConformance } from '../../../src/server/storage/conformance'
import type { Storage } from '../../../src/server/storage/contract'
import { Tables } from '../../../src/server/storage/memory/tables'
import { faults } from './conformance-faults'

/** The kit's failing tests, by group; no groups when the adapter keeps the contract. */
export type Verdict = Readonly<Record<string, readonly string[]>>

/** Runs the whole kit with a runner that collects failures instead of reporting them. */
async function verdictOn(createFixture: () => { createStorage: () => Storage }): Promise<Verdict> {
  const tests: { group: string; name: string; run: () => Promise<void> }[] = []
  let group = ''
  storageConformance(
    {
      describe: (name, body) => {
        group = name
        body()
      },
      it: (name, run) => tests.push({ group, name, run }),
    },
    createFixture,
  )

  const failures: Record<string, string[]> = {}
  for (const test of tests) {
    await test.run().catch(() => {
      failures[test.group] = [...(failures[test.group] ?? []), test.name]
    })
  }
  return failures
}

/** What the kit says of an adapter whose handles share one set of tables. */
export function verdictOnTables(create: (tables: Tables) => Storage): Promise<Verdict> {
  return verdictOn(() => {
    const tables = new Tables()
    return { createStorage: () => create(tables) }
  })
}

/** Every known fault with the tests that fail because of it; for printing, say, in the adapter author's guide. */
export async function faultTable(): Promise<Readonly<Record<string, Verdict>>> {
  const table: Record<string, Verdict> = {}
  for (const [name, { create }] of Object.entries(faults)) table[name] = await verdictOnTables(create)
  return table
}
