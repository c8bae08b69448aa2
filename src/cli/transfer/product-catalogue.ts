import type { Product } from '../../domain/product'
import type { Store } from '../../storage/verbs/store'
import { recordsOf } from './record-batches'

/** The products that lines can name, by account. */
export interface ProductCatalogue {
  /** The id of the product of this id, name or (a number) package id: undefined for none, null for several of one name. */
  find(accountId: string, named: string | number): string | undefined | null
  /** A package id that no product has. */
  nextPackageId(): number
  add(product: Product): void
}

/** All products of a store. They are few, so they are kept in memory. */
export async function loadProducts(store: Store): Promise<ProductCatalogue> {
  const ids = new Map<string, string>()
  const names = new Map<string, string | null>()
  let highest = 0
  const add = ({ id, accountId, packageId, name }: Product) => {
    highest = Math.max(highest, packageId)
    if (ids.has(JSON.stringify([accountId, id]))) return
    ids.set(JSON.stringify([accountId, id]), id)
    ids.set(JSON.stringify([accountId, packageId]), id)
    const named = JSON.stringify([accountId, name])
    names.set(named, names.has(named) ? null : id)
  }
  for await (const { value } of recordsOf(store, 'product')) add(value)
  return {
    find(accountId, named) {
      const sought = JSON.stringify([accountId, named])
      return ids.get(sought) ?? names.get(sought)
    },
    nextPackageId: () => highest + 1,
    add,
  }
}
