import type { RowStorage } from '../../storage/rows/contract'
import type { ConformanceRunner } from '../kit'
import { allRowGroups } from './groups'
import type { RowGroup, RowOffering, RowStage } from './stage'
import { TABLES } from './tables'

/** One test's own store: a database, a schema, a file. */
export interface RowFixture {
  /** A new handle on the store, not open yet: the kit opens it and closes it. */
  createStorage(): RowStorage | Promise<RowStorage>
  /** Removes the store. By then every handle is closed. */
  cleanup?(): void | Promise<void>
}

export interface RowConformanceOptions {
  /** What the adapter does not offer; the groups about it are left out. Default: nothing, everything is tried. */
  readonly without?: readonly RowOffering[]
  /** The groups to run. Default: {@link allRowGroups}. */
  readonly groups?: readonly RowGroup[]
}

/**
 * Registers the tests that say whether an adapter keeps the storage contract. Each test gets a store of its own; none
 * needs another.
 *
 * @param runner the test runner's functions
 * @param createFixture makes an empty store; called for every test
 */
export function rowConformance(
  runner: ConformanceRunner,
  createFixture: () => RowFixture | Promise<RowFixture>,
  options: RowConformanceOptions = {},
): void {
  const { without = [], groups = allRowGroups } = options
  for (const { name, needs = [], tests } of groups) {
    if (needs.some((offering) => without.includes(offering))) continue
    runner.describe(name, () => {
      for (const [title, run] of Object.entries(tests)) runner.it(title, () => onRowStage(createFixture, run))
    })
  }
}

/** Sets a stage, runs a test on it, and clears up. */
export async function onRowStage(
  createFixture: () => RowFixture | Promise<RowFixture>,
  run: (stage: RowStage) => Promise<void>,
): Promise<void> {
  const fixtures: RowFixture[] = []
  const handles: RowStorage[] = []

  const addFixture = async () => {
    const fixture = await createFixture()
    fixtures.push(fixture)
    return fixture
  }
  const openOn = async (fixture: RowFixture) => {
    const storage = await fixture.createStorage()
    handles.push(storage)
    await storage.open(TABLES)
    return storage
  }
  const closeAll = async () => {
    for (const storage of handles.splice(0)) await storage.close()
  }

  try {
    const fixture = await addFixture()
    await run({
      storage: await openOn(fixture),
      another: () => openOn(fixture),
      reopen: async () => {
        await closeAll()
        return openOn(fixture)
      },
      openTogether: async (count) => {
        const second = await addFixture()
        return Promise.all(Array.from({ length: count }, () => openOn(second)))
      },
    })
  } finally {
    await closeAll()
    for (const fixture of fixtures) await fixture.cleanup?.()
  }
}
