import type { Schema, Storage } from '../storage/contract'

/** What an adapter may do without. */
export type Offering =
  /** Reopening the store finds everything again. */
  | 'persistence'
  /** Several handles, as of several processes, can work on one store at once. */
  | 'shared-store'

/** Tests that belong together. */
export interface ConformanceGroup {
  readonly name: string
  /** The group makes sense only for adapters that offer all of these. */
  readonly needs?: readonly Offering[]
  readonly tests: Readonly<Record<string, (stage: Stage) => Promise<void>>>
}

/** A test's own store, empty but for the kit's tables. */
export interface Stage {
  /** The first handle, open. */
  readonly storage: Storage
  /** Another open handle on the same store. */
  another(): Promise<Storage>
  /** Closes every handle and opens the store anew, with the kit's tables or with others. */
  reopen(schema?: Schema): Promise<Storage>
  /** So many handles, opened all at once: with a schema, on the same store; else on one that nobody has opened before. */
  openTogether(count: number, schema?: Schema): Promise<readonly Storage[]>
}

/** Calls under way at once, taken in turn by the handles. */
export type RowRace = (first: Storage, turn: (index: number) => Storage) => Promise<void>

/** Two groups of the same races: all calls on one handle, and on two in turn, as if two processes raced. */
export function overOneAndTwoHandles(
  name: string,
  races: Readonly<Record<string, RowRace>>,
): readonly ConformanceGroup[] {
  const groupOf = (run: (stage: Stage, race: RowRace) => Promise<void>) =>
    Object.fromEntries(Object.entries(races).map(([title, race]) => [title, (stage: Stage) => run(stage, race)]))
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
