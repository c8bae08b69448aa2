import type { Product } from '../domain/product'
import { LicenseError } from '../protocol/license-error'
import { UsageError } from './failure'
import type { StoreInUse } from './open-store'

/**
 * Finds the product that an argument names, by id or by package id; without an argument, the store's only product.
 * @throws {LicenseError} PRODUCT_NOT_FOUND
 * @throws {UsageError} when there is no argument and the store has no product, or several
 */
export async function findProduct(store: StoreInUse, named: string | undefined): Promise<Product> {
  if (named === undefined) return onlyProduct(store)
  const product = /^\d{1,15}$/.test(named) ? await byPackageId(store, Number(named)) : await byId(store, named)
  if (product) return product
  throw new LicenseError(
    'PRODUCT_NOT_FOUND',
    `There is no product ${named}; keyslot product list shows those there are`,
  )
}

function byId({ licensing }: StoreInUse, productId: string): Promise<Product | null> {
  return licensing.products.get(productId)
}

async function byPackageId({ store, licensing }: StoreInUse, packageId: number): Promise<Product | undefined> {
  return (await store.findProductsByPackageIds(licensing.accountId, [packageId]))[0]
}

async function onlyProduct({ licensing }: StoreInUse): Promise<Product> {
  const { items, total } = await licensing.products.list({ limit: 1 })
  const [product] = items
  if (product !== undefined && total === 1) return product
  throw new UsageError(
    total === 0
      ? 'the store has no product yet; keyslot product create makes one'
      : `the store has ${total} products; say which (keyslot product list)`,
  )
}
