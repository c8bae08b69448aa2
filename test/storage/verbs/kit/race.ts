import type { Store } from '../../../../src/storage/verbs/store'
import type { RunTest } from './stage'
import { testsFor } from './tests-for'

/** Steps run at once, taken in turn by the handles; the first handle judges the result. */
export type Race = (first: Store, turn: (index: number) => Store) => Promise<void>

export type Races = Readonly<Record<string, Race>>

/** Each race as a test, all steps on one handle. */
export function overOneHandle(races: Races): Readonly<Record<string, RunTest>> {
  return testsFor(
    races,
    (name) => name,
    ({ storage }, race) => race(storage, () => storage),
  )
}

/** Each race as a test, the steps on two handles in turn: as if two processes raced. */
export function overTwoHandles(races: Races): Readonly<Record<string, RunTest>> {
  return testsFor(
    races,
    (name) => name,
    async ({ storage, another }, race) => {
      const second = await another()
      await race(storage, (index) => (index % 2 === 0 ? storage : second))
    },
  )
}
