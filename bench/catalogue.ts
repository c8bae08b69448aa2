import { DEFAULT_ACCOUNT_ID } from '../src/domain/account'
import type { License } from '../src/domain/license'
import type { Product } from '../src/domain/product'
import type { Store } from '../src/storage/verbs/store'
import { newLicense } from '../test/storage/verbs/kit/entities'

/** What the benchmarks sell, the same in every store. */
export const NOW = new Date('2026-03-01T12:00:00Z')

export const PRODUCT: Product = {
  id: 'prod_bench01234567890123456',
  accountId: DEFAULT_ACCOUNT_ID,
  packageId: 1,
  name: 'Bench',
  active: true,
  offlineLifetimeSeconds: 1_209_600,
  graceSeconds: 604_800,
  entitlements: [],
  requireProof: false,
  selfService: false,
  onClone: 'event',
  trialSeconds: null,
  usersPerHost: null,
  authtoolClient: null,
  createdAt: NOW,
}

/** Spread evenly, as real keys are: neighbours in the index were not made together. */
export function keyOf(index: number): string {
  const scattered = Math.imul(index, 2_654_435_761) >>> 0
  return `${scattered.toString(36).toUpperCase().padStart(7, '0')}-${String(index).padStart(7, '0')}-BENCH-KEY`
}

export function hostOf(number: number): string {
  return `h1.${String(number).padStart(43, 'x')}`
}

function licenseOf(index: number, maxActivations: number): License {
  const key = keyOf(index)
  const id = `lic_${String(index).padStart(22, '0')}`
  const of = { id, accountId: DEFAULT_ACCOUNT_ID, productIds: [PRODUCT.id] }
  return newLicense(key, { ...of, key, canonicalKey: key, maxActivations, createdAt: NOW, updatedAt: NOW })
}

/** Opens a store, and puts that many licenses in it. */
export async function fill(store: Store, licenses: number, maxActivations = 100): Promise<void> {
  await store.open()
  const account = { id: DEFAULT_ACCOUNT_ID, name: 'Bench', plan: 'pro', createdAt: NOW } as const
  await store.importRecords([
    { kind: 'account', value: account },
    { kind: 'product', value: PRODUCT },
  ])
  const batch = 1_000
  for (let start = 0; start < licenses; start += batch) {
    const length = Math.min(batch, licenses - start)
    await store.importRecords(
      Array.from({ length }, (_, offset) => ({ kind: 'license', value: licenseOf(start + offset, maxActivations) })),
    )
  }
}

/** A seeded generator, so that runs draw the same licenses. */
export function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
