import type { Answer, ChangeSet, Query, Storage } from '../../../src/storage/contract'
import { memoryStorage } from '../../../src/storage/memory'
import { createStepper, type Step, type Stepper } from '../../../src/storage/stepper/stepper'
import { all, inserts, one } from '../../../src/testing/asking'
import { item, SCHEMA, TABLES } from '../../../src/testing/tables'

/** A call of the storage that waits until the test says how it goes on. */
interface Held<A> {
  readonly asked: A
  go(): void
  fail(error: Error): void
}

type Fate = 'written' | 'conflict'

export interface Scene {
  readonly stepper: Stepper
  readonly memory: Storage
  readonly reads: Held<readonly Query[]>[]
  readonly writes: (Held<readonly ChangeSet[]> & { refuse(): void })[]
  /** True: the calls to come are held. */
  hold: { reads: boolean; writes: boolean }
}

/** A stepper on the tables of the kit, with these items, over a storage whose calls can be held. */
export async function scene(items: readonly string[], options: { readonly writes?: number } = {}): Promise<Scene> {
  const memory = memoryStorage()
  await memory.open(SCHEMA)
  await memory.write([
    inserts(
      'items',
      items.map((id) => item(id, { order: 0 })),
    ),
  ])
  const made: Omit<Scene, 'stepper'> = { memory, reads: [], writes: [], hold: { reads: false, writes: false } }
  const storage: Storage = {
    ...memory,
    ...options,
    read: (queries) =>
      held(
        made.hold.reads,
        (one) => made.reads.push({ asked: queries, ...one }),
        () => memory.read(queries),
      ),
    write: (sets) =>
      held<readonly Fate[]>(
        made.hold.writes,
        (one) => made.writes.push({ asked: sets, ...one, refuse: () => one.say(sets.map(() => 'conflict')) }),
        () => memory.write(sets),
      ),
  }
  let revision = 100
  const stepper = createStepper({ storage, tables: TABLES, newRevision: () => revision++, random: () => 0 })
  return { ...made, stepper }
}

interface Controls<T> {
  go(): void
  fail(error: Error): void
  say(result: T): void
}

function held<T>(isHeld: boolean, note: (controls: Controls<T>) => void, act: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const go = () => void act().then(resolve, reject)
    note({ go, fail: reject, say: resolve })
    if (!isHeld) go()
  })
}

/** Adds one to an item's `order`, and tells what it was. */
export function addOne(id: string): Step<number> {
  return {
    queries: [one('items', id)],
    decide([answer]) {
      const before = answer?.rows[0]?.row
      if (before === undefined) throw new Error(`There is no item ${id}`)
      const order = Number(before.order)
      return { outcome: order, changes: [{ kind: 'update', table: 'items', before, set: { order: order + 1 } }] }
    },
  }
}

/** Adds one to an item's `order` while it is below `most`; changes nothing, and says so, where it is not. */
export function addOneBelow(id: string, most: number): Step<number | 'full'> {
  const { queries, decide } = addOne(id)
  return {
    queries,
    decide(answers, further) {
      const decision = decide(answers, further)
      return 'outcome' in decision && decision.outcome >= most ? { outcome: 'full', changes: [] } : decision
    },
  }
}

/** Tells an item's `order`, as a step that changes nothing. */
export function tell(id: string): Step<number> {
  return {
    queries: [one('items', id)],
    decide: ([answer]) => ({ outcome: Number(answer?.rows[0]?.row.order), changes: [] }),
  }
}

/** Adds an item; a fault where it is there. */
export function make(id: string): Step<'made'> {
  return {
    queries: [one('items', id)],
    decide([answer]) {
      if (answer?.rows[0] !== undefined) throw new Error(`There is an item ${id}`)
      return { outcome: 'made', changes: [{ kind: 'insert', table: 'items', row: item(id) }] }
    },
  }
}

export function remove(id: string): Step<'removed'> {
  return {
    queries: [one('items', id)],
    decide([answer]) {
      const before = answer?.rows[0]?.row
      if (before === undefined) throw new Error(`There is no item ${id}`)
      return { outcome: 'removed', changes: [{ kind: 'delete', table: 'items', before }] }
    },
  }
}

/** Tells the first items, of all there are. */
export function tellFirst(limit: number): Step<readonly unknown[]> {
  return {
    queries: [all('items', { limit })],
    decide: ([answer]) => ({ outcome: (answer as Answer).rows.map(({ row }) => row.id), changes: [] }),
  }
}

/** Somebody else adds one to an item's `order`, and is faster. */
export async function overtake(memory: Storage, id: string): Promise<void> {
  const [answer] = await memory.read([one('items', id)])
  const { order = 0, revision = 0 } = answer?.rows[0]?.row ?? {}
  const set = { order: Number(order) + 1, revision: Number(revision) + 1_000 }
  await memory.write([[{ kind: 'update', table: 'items', key: [id], revision: Number(revision), set }]])
}
