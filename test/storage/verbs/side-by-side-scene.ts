import { setTimeout as pause } from 'node:timers/promises'
import type { Storage } from '../../../src/storage/contract'
import { createStore } from '../../../src/storage/verbs/create-store'
import type { Store } from '../../../src/storage/verbs/store'
import { ACCOUNT, claim, NOW, newLicense, newProduct, release, type Sale } from './kit/entities'
import { outcomeOf } from './kit/outcomes'

/** What a store has asked of its storage. */
export interface Asked {
  reads: number
  writes: number
  /** The sets that were not written, because somebody else was faster. */
  conflicts: number
}

/** A storage that counts what is asked of it. */
export function counted(storage: Storage): { readonly storage: Storage; readonly asked: Asked } {
  const asked: Asked = { reads: 0, writes: 0, conflicts: 0 }
  const counting: Storage = {
    ...storage,
    read(queries) {
      asked.reads += 1
      return storage.read(queries)
    },
    async write(sets) {
      asked.writes += 1
      const fates = await storage.write(sets)
      asked.conflicts += fates.filter((fate) => fate === 'conflict').length
      return fates
    },
  }
  return { storage: counting, asked }
}

const STORES = 4
const CALLERS = 8
const ROUNDS = 10

/** Waits after each read, so that other stores write between a read and its write. */
function slowly(storage: Storage): Storage {
  return {
    ...storage,
    async read(queries) {
      const answers = await storage.read(queries)
      await pause(2)
      return answers
    },
  }
}

/**
 * Releases a host of each of many licenses, by several stores on one storage with several callers each; tells the conflicts
 * per release.
 */
export async function releaseSideBySide(
  openOne: () => Storage,
  opened: (store: Store) => Promise<Store>,
): Promise<number> {
  const handles = Array.from({ length: STORES }, () => counted(slowly(openOne())))
  const stores: Store[] = []
  for (const { storage } of handles) stores.push(await opened(createStore(storage)))
  const sales = await sellMany(stores[0] as Store, STORES * CALLERS * ROUNDS)
  for (const { asked } of handles) asked.conflicts = 0
  const callers = stores.flatMap((store) => Array.from({ length: CALLERS }, () => store))
  await Promise.all(
    callers.map(async (store, caller) => {
      const own = sales.slice(caller * ROUNDS, (caller + 1) * ROUNDS)
      for (const sale of own) outcomeOf(await release(store, sale, 'host'), 'released')
    }),
  )
  return handles.reduce((sum, { asked }) => sum + asked.conflicts, 0) / sales.length
}

/** So many licenses with limited slots, each in use on a host. */
async function sellMany(store: Store, count: number): Promise<readonly Sale[]> {
  const { product } = outcomeOf(await store.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW }), 'created')
  const licenses = Array.from({ length: count }, (_, index) => newLicense(`${index}`, { maxActivations: 2 }))
  outcomeOf(await store.insertLicenses(ACCOUNT.id, { licenses }, { now: NOW }), 'created')
  const sales = licenses.map((license) => {
    return { license, product, target: { canonicalKey: license.canonicalKey, productId: product.id } }
  })
  for (const outcome of await Promise.all(sales.map((sale) => claim(store, sale, 'host')))) {
    outcomeOf(outcome, 'created')
  }
  return sales
}
