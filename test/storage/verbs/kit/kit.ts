import type { Store } from '../../../../src/storage/verbs/store'
import type { ConformanceRunner } from '../../../../src/testing/kit'
import { ACCOUNT, OTHER_ACCOUNT } from './entities'
import { allGroups } from './groups'
import type { ConformanceGroup, Offering, RunTest } from './stage'

type CreateFixture = (state: FixtureState) => StoreFixture | Promise<StoreFixture>

/** Where the handles of one test are: a database, a schema, a file. */
export interface StoreFixture {
  /** A new handle, not open yet: the kit opens it and closes it. */
  createStore(): Store
  /** Clears up. By then every handle is closed. */
  cleanup?(): void | Promise<void>
}

/** What the first handle finds: an empty store, or that nobody has opened one there before. */
export type FixtureState = 'empty' | 'unopened'

interface Options {
  /** What is not offered; the tests about it are left out. Default: nothing. */
  readonly without?: readonly Offering[]
  /** Default: {@link allGroups}. */
  readonly groups?: readonly ConformanceGroup[]
}

/** Registers the tests of the verbs. Each has a store of its own and a fixed clock; none waits, none needs another. */
export function storeConformance(runner: ConformanceRunner, createFixture: CreateFixture, options: Options = {}): void {
  const { without = [], groups = allGroups } = options
  const offersAll = (needs: readonly Offering[]) => !needs.some((offering) => without.includes(offering))
  for (const { name, needs: groupNeeds = [], tests } of groups) {
    const offered = Object.entries(tests)
      .map(([title, test]) => ({ title, ...(typeof test === 'function' ? { needs: [], run: test } : test) }))
      .filter(({ needs }) => offersAll([...groupNeeds, ...needs]))
    // Runners fail a group without tests.
    if (offered.length === 0) continue
    runner.describe(name, () => {
      for (const { title, run } of offered) runner.it(title, () => onStage(createFixture, run))
    })
  }
}

async function onStage(createFixture: CreateFixture, run: RunTest): Promise<void> {
  const fixtures: StoreFixture[] = []
  const handles: Store[] = []

  const addFixture = async (state: FixtureState) => {
    const fixture = await createFixture(state)
    fixtures.push(fixture)
    return fixture
  }
  const openOn = async (fixture: StoreFixture) => {
    const storage = fixture.createStore()
    handles.push(storage)
    await storage.open()
    return storage
  }
  const closeAll = async () => {
    for (const storage of handles.splice(0)) await storage.close()
  }

  try {
    const fixture = await addFixture('empty')
    const storage = await openOn(fixture)
    await storage.insertAccount(ACCOUNT)
    await storage.insertAccount(OTHER_ACCOUNT)
    await run({
      storage,
      another: () => openOn(fixture),
      reopen: async () => {
        await closeAll()
        return openOn(fixture)
      },
      anotherStore: async () => openOn(await addFixture('empty')),
      openTogether: async (count) => {
        const second = await addFixture('unopened')
        return Promise.all(Array.from({ length: count }, () => openOn(second)))
      },
    })
  } finally {
    await closeAll()
    for (const fixture of fixtures) await fixture.cleanup?.()
  }
}
