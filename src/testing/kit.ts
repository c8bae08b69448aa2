import type { Schema, Storage } from '../storage/contract'
import { allGroups } from './groups'
import type { ConformanceGroup, Offering, Stage } from './stage'
import { SCHEMA } from './tables'

/** The two functions the kit needs of a test runner: vitest, jest, mocha and `node:test` all have them. */
export interface ConformanceRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, body: () => Promise<void>): unknown
  /** Not used, the kit asserts with `node:assert`; accepted so that a runner's functions can be handed over whole. */
  readonly expect?: unknown
}

/** One test's own store: a database, a schema, a file. */
export interface StorageFixture {
  /** A new handle on the store, not open yet: the kit opens it and closes it. */
  createStorage(): Storage | Promise<Storage>
  /** Removes the store. By then every handle is closed. */
  cleanup?(): void | Promise<void>
}

export interface ConformanceOptions {
  /** What the adapter does not offer; the groups about it are left out. Default: nothing, everything is tried. */
  readonly without?: readonly Offering[]
  /** The groups to run. Default: {@link allGroups}. */
  readonly groups?: readonly ConformanceGroup[]
}

/**
 * Registers the tests that say whether an adapter keeps the storage contract. Each test gets a store of its own; none
 * needs another.
 *
 * @param runner the test runner's functions
 * @param createFixture makes an empty store; called for every test
 */
export function storageConformance(
  runner: ConformanceRunner,
  createFixture: () => StorageFixture | Promise<StorageFixture>,
  options: ConformanceOptions = {},
): void {
  const { without = [], groups = allGroups } = options
  for (const { name, needs = [], tests } of groups) {
    if (needs.some((offering) => without.includes(offering))) continue
    runner.describe(name, () => {
      for (const [title, run] of Object.entries(tests)) runner.it(title, () => onStage(createFixture, run))
    })
  }
}

/** Sets a stage, runs a test on it, and clears up. */
export async function onStage(
  createFixture: () => StorageFixture | Promise<StorageFixture>,
  run: (stage: Stage) => Promise<void>,
): Promise<void> {
  const fixtures: StorageFixture[] = []
  const handles: Storage[] = []

  const addFixture = async () => {
    const fixture = await createFixture()
    fixtures.push(fixture)
    return fixture
  }
  const openOn = async (fixture: StorageFixture, schema: Schema = SCHEMA) => {
    const storage = await fixture.createStorage()
    handles.push(storage)
    await storage.open(schema)
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
      reopen: async (schema) => {
        await closeAll()
        return openOn(fixture, schema)
      },
      openTogether: async (count, schema) => {
        const second = schema === undefined ? await addFixture() : fixture
        return Promise.all(Array.from({ length: count }, () => openOn(second, schema)))
      },
    })
  } finally {
    await closeAll()
    for (const fixture of fixtures) await fixture.cleanup?.()
  }
}
