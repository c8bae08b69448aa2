import type { RowStorage } from '../../storage/rows/contract'

/** What an adapter may do without. */
export type RowOffering =
  /** Reopening the store finds everything again. */
  | 'persistence'
  /** Several handles, as of several processes, can work on one store at once. */
  | 'shared-store'

/** Tests that belong together. */
export interface RowGroup {
  readonly name: string
  /** The group makes sense only for adapters that offer all of these. */
  readonly needs?: readonly RowOffering[]
  readonly tests: Readonly<Record<string, (stage: RowStage) => Promise<void>>>
}

/** A test's own store, empty but for the kit's tables. */
export interface RowStage {
  /** The first handle, open. */
  readonly storage: RowStorage
  /** Another open handle on the same store. */
  another(): Promise<RowStorage>
  /** Closes every handle and opens the store anew. */
  reopen(): Promise<RowStorage>
  /** So many handles, opened all at once, on a second store that nobody has opened before. */
  openTogether(count: number): Promise<readonly RowStorage[]>
}

/** Calls under way at once, taken in turn by the handles. */
export type RowRace = (first: RowStorage, turn: (index: number) => RowStorage) => Promise<void>

/** Two groups of the same races: all calls on one handle, and on two in turn, as if two processes raced. */
export function overOneAndTwoHandles(name: string, races: Readonly<Record<string, RowRace>>): readonly RowGroup[] {
  const groupOf = (run: (stage: RowStage, race: RowRace) => Promise<void>) =>
    Object.fromEntries(Object.entries(races).map(([title, race]) => [title, (stage: RowStage) => run(stage, race)]))
  return [
    { name, tests: groupOf(({ storage }, race) => race(storage, () => storage)) },
    {
      name: `${name} over two handles`,
      needs: ['shared-store'],
      tests: groupOf(async ({ storage, another }, race) => {
        const second = await another()
        await race(storage, (index) => (index % 2 === 0 ? storage : second))
      }),
    },
  ]
}
