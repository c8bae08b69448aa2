import type { SeatRules } from '../../../src/domain/seat-rules'
import { createMemoryStorage, MemoryRows } from '../../../src/storage/memory/memory-storage'
import { sqliteStorage } from '../../../src/storage/sqlite'
import { TABLES } from '../../../src/storage/tables'
import { createStore } from '../../../src/storage/verbs/create-store'
import type { ClaimOutcome, Store } from '../../../src/storage/verbs/store'
import { ACCOUNT, ALL, NOW, newActivation, newProofKey, type Sale, sell } from './kit/entities'
import { createScratch } from './sqlite-scratch'

/** So many at once. */
export const RUSH = 50
const HOUR_MS = 3_600_000

/** Two stores over the same rows: what one decides, the other has not seen. */
export interface Rush {
  readonly stores: readonly [Store, Store]
  /** The units that were spent of an allowance of the license `lic_one`, in the order of their names. */
  spent(name: string): Promise<readonly string[]>
}

/** The engines that races are run on. */
export function createRushes(): Readonly<Record<'memory' | 'sqlite', () => Promise<Rush>>> {
  const scratch = createScratch()
  const over = async (storages: readonly ReturnType<typeof sqliteStorage>[]): Promise<Rush> => {
    const [first, second] = storages.map((storage) => createStore(storage))
    if (first === undefined || second === undefined) throw new Error('two stores are raced')
    const stores = [await scratch.opened(first), await scratch.opened(second)] as const
    return {
      stores,
      async spent(name) {
        const query = { table: TABLES.spendings.name, equal: ['lic_one', name], limit: 1 }
        const [answer] = (await storages[0]?.read([query])) ?? []
        const [found] = answer?.rows ?? []
        const spent = found === undefined ? [] : TABLES.spendings.toEntity(found.row).spent
        return spent.map(({ unit }) => unit).toSorted()
      },
    }
  }
  return {
    memory: () => {
      const rows = new MemoryRows()
      return over([createMemoryStorage(rows), createMemoryStorage(rows)])
    },
    sqlite: () => {
      const file = scratch.file()
      return over([sqliteStorage({ file }), sqliteStorage({ file })])
    },
  }
}

/** The rules that let each thing happen so often, and all others as often as comes. */
export function rulesOf(limits: Partial<Record<keyof SeatRules, number>>): SeatRules {
  const allowance = (name: string, limit = 1_000) => ({ name, limit, periodMs: HOUR_MS })
  return {
    moves: limits.moves === undefined ? null : allowance('moves', limits.moves),
    activations: limits.activations === undefined ? null : allowance('activations', limits.activations),
    usersPerHost: limits.usersPerHost ?? 32,
    frees: allowance('frees', limits.frees),
  }
}

/** A license with so many slots that nobody is short of one. */
export function sellRoom({ stores: [store] }: Rush, changes: Parameters<typeof sell>[1] = {}): Promise<Sale> {
  return sell(store, { maxActivations: 1_000, ...changes })
}

/** Fills slots, without rules, for `host-0` and so on, each bound to a key of its own. */
export async function fillSlots({ stores: [store] }: Rush, sale: Sale, count = RUSH): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const bound = newActivation(`host-${index}`, { proofKey: newProofKey(`old ${index}`) })
    await store.claimActivation(ACCOUNT.id, sale.target, bound, { now: NOW })
  }
}

/** What each of so many asks at once, of the two stores in turns. */
export function atOnce<T>({ stores }: Rush, ask: (store: Store, index: number) => Promise<T>): Promise<readonly T[]> {
  return Promise.all(Array.from({ length: RUSH }, (_, index) => ask(stores[index % 2 === 0 ? 0 : 1], index)))
}

export async function heldBy({ stores: [store] }: Rush, sale: Sale) {
  const { items } = await store.listActivations(ACCOUNT.id, sale.license.id, ALL)
  return items
}

/** The claim as it was before: reads what was spent, and claims in a second step. */
export async function claimCarelessly(
  store: Store,
  sale: Sale,
  hostId: string,
  limit: number,
): Promise<Pick<ClaimOutcome, 'kind'>> {
  const { total } = await store.listActivations(ACCOUNT.id, sale.license.id, { limit: 0 })
  if (total >= limit) return { kind: 'rate-limited' }
  return store.claimActivation(ACCOUNT.id, sale.target, newActivation(hostId), { now: NOW }) as Promise<ClaimOutcome>
}
