import type { Product } from '../../domain/product'
import type { Storage } from '../../storage/contract'
import { recordsOf } from './records-of'

/** The products lines can name, by account. */
export interface ProductCatalogue {
  /** The product of this id or name, or of this package id where it is a number. Undefined for none, null where several have the name. */
  find(accountId: string, named: string | number): string | undefined | null
  /** A package id no product has. */
  nextPackageId(): number
  add(product: Product): void
}

/** All products of a store; there are few of them, so they are kept. */
export async function loadProducts(storage: Storage): Promise<ProductCatalogue> {
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
  for await (const { value } of recordsOf(storage, 'product')) add(value)
  return {
    find(accountId, named) {
      const sought = JSON.stringify([accountId, named])
      return ids.get(sought) ?? names.get(sought)
    },
    nextPackageId: () => highest + 1,
    add,
  }
}
