import type { Store } from '../../../../src/storage/verbs/store'
import type { ConformanceRunner } from '../../../../src/testing/kit'
import { ACCOUNT, OTHER_ACCOUNT } from './entities'
import { allGroups } from './groups'
import type { ConformanceGroup, Offering, RunTest } from './stage'

/** One test's own backing store: a database, a schema, a file. */
export interface StorageFixture {
  /** A new handle on the backing store, not open yet: the kit opens it and closes it. */
  createStorage(): Store | Promise<Store>
  /** Removes the backing store. By then every handle is closed. */
  cleanup?(): void | Promise<void>
}

export interface ConformanceOptions {
  /** What the adapter does not offer; the groups about it are left out. Default: nothing, everything is tried. */
  readonly without?: readonly Offering[]
  /** The groups to run. Default: {@link allGroups}. */
  readonly groups?: readonly ConformanceGroup[]
}

/**
 * Registers the tests that say whether an adapter keeps the storage contract. Each test gets a store of its own and a
 * fixed clock; none waits, none needs another.
 *
 * @example
 * ```ts
 * import { storeConformance } from 'keyslot/testing'
 * import { describe, it } from 'vitest'
 *
 * storeConformance({ describe, it }, async () => {
 *   const database = await createScratchDatabase()
 *   return {
 *     createStorage: () => myStorage({ database }),
 *     cleanup: () => database.drop(),
 *   }
 * })
 * ```
 * @param runner the test runner's functions
 * @param createFixture makes an empty backing store; called for every test
 */
export function storeConformance(
  runner: ConformanceRunner,
  createFixture: () => StorageFixture | Promise<StorageFixture>,
  options: ConformanceOptions = {},
): void {
  const { without = [], groups = allGroups } = options
  const offersAll = (needs: readonly Offering[]) => !needs.some((offering) => without.includes(offering))
  for (const { name, needs: groupNeeds = [], tests } of groups) {
    const offered = Object.entries(tests)
      .map(([title, test]) => ({ title, ...(typeof test === 'function' ? { needs: [], run: test } : test) }))
      .filter(({ needs }) => offersAll([...groupNeeds, ...needs]))
    // Runners fail a group without tests.
    if (offered.length === 0) continue
    runner.describe(name, () => {
      for (const { title, run } of offered) runner.it(title, () => onStage(createFixture, without, run))
    })
  }
}

async function onStage(
  createFixture: () => StorageFixture | Promise<StorageFixture>,
  without: readonly Offering[],
  run: RunTest,
): Promise<void> {
  const fixtures: StorageFixture[] = []
  const handles: Store[] = []

  const addFixture = async () => {
    const fixture = await createFixture()
    fixtures.push(fixture)
    return fixture
  }
  const openOn = async (fixture: StorageFixture) => {
    const storage = await fixture.createStorage()
    handles.push(storage)
    await storage.open()
    return storage
  }
  const closeAll = async () => {
    for (const storage of handles.splice(0)) await storage.close()
  }

  try {
    const fixture = await addFixture()
    const storage = await openOn(fixture)
    await storage.insertAccount(ACCOUNT)
    await storage.insertAccount(OTHER_ACCOUNT)
    await run({
      storage,
      without,
      another: () => openOn(fixture),
      reopen: async () => {
        await closeAll()
        return openOn(fixture)
      },
      anotherStore: async () => openOn(await addFixture()),
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
