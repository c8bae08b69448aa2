import type { Product } from './product'

/** A released version of a product, which a license can be tied to. */
export interface ProductVersion {
  readonly id: string
  readonly productId: string
  /** As the vendor writes it, such as `2.1.0`. */
  readonly version: string
  readonly description: string | null
  readonly active: boolean
  readonly createdAt: Date
}

/** A version that a license is to be tied to, with the product it is of. */
export interface AskedVersion {
  readonly version: ProductVersion | null
  readonly product: Pick<Product, 'accountId'> | null
}

/** True where a license for these products may be tied to the version: the account has it, and it is active. */
export function isAssignable(
  { version, product }: AskedVersion,
  accountId: string,
  productIds: readonly string[],
): boolean {
  if (version === null || product?.accountId !== accountId) return false
  return version.active && productIds.includes(version.productId)
}
