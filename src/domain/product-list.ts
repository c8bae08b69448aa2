import type { License } from './license'

/** The products that a caller may act on; undefined for all. */
export type ProductList = readonly string[] | undefined

/** True where a license is of the caller's products alone: what is done to it is done to no other product. */
export function isCovered({ productIds }: Pick<License, 'productIds'>, products: ProductList): boolean {
  return products === undefined || productIds.every((id) => products.includes(id))
}

/** True where one of a customer's licenses is of the caller's products alone, or there is none. */
export function maySeeCustomer(licenses: readonly Pick<License, 'productIds'>[], products: ProductList): boolean {
  return licenses.length === 0 || licenses.some((license) => isCovered(license, products))
}

/** Whoever changes a customer does so to all licenses of theirs. */
export function mayChangeCustomer(licenses: readonly Pick<License, 'productIds'>[], products: ProductList): boolean {
  return licenses.every((license) => isCovered(license, products))
}
