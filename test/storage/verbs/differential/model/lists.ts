import type { Activation } from '../../../../../src/domain/activation'
import type { Product } from '../../../../../src/domain/product'
import type { Page, PageRequest } from '../../../../../src/storage/verbs/store'

/** By creation; rows created at one instant stay in the order they were inserted. */
export function oldestFirst<T extends { readonly createdAt: Date }>(rows: readonly T[]): T[] {
  return byInstant(rows, (row) => row.createdAt)
}

/** By an instant; rows of one instant stay in their order. */
export function byInstant<T>(rows: readonly T[], instantOf: (row: T) => Date): T[] {
  return rows.toSorted((a, b) => instantOf(a).getTime() - instantOf(b).getTime())
}

/** By activation, the latest first; those of one instant by their host. */
export function newestFirst(activations: Iterable<Activation>): Activation[] {
  return [...activations].sort(
    (a, b) => b.activatedAt.getTime() - a.activatedAt.getTime() || (a.hostId < b.hostId ? -1 : 1),
  )
}

/** In the order package ids were given, which need not be that of insertion: products can be imported. */
export function byPackageId(products: Iterable<Product>): Product[] {
  return [...products].sort((a, b) => a.packageId - b.packageId)
}

export function pageOf<T>(rows: readonly T[], { limit, offset = 0 }: PageRequest): Page<T> {
  return { items: structuredClone(rows.slice(offset, offset + limit)), total: rows.length }
}

export function emptyPage<T>(): Page<T> {
  return { items: [], total: 0 }
}
