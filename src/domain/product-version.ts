import type { Product } from './product'

/** What the vendor sets of a version. */
export interface ProductVersionTerms {
  /** As the vendor writes it, such as `2.1.0`. */
  readonly version: string
  /** Default null: none. */
  readonly description: string | null
  /** Whether licenses can be tied to it from now on. Default true. */
  readonly active: boolean
}

/** A released version of a product, which a license can be tied to. */
export interface ProductVersion extends ProductVersionTerms {
  readonly id: string
  readonly productId: string
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
