import type { Product, ProductChanges } from '../../domain/product'
import type { ProductVersion } from '../../domain/product-version'
import type { FoundPage, Page, PageRequest, ProductVersionChanges, Step, StepResult, WalkRequest } from './outcomes'

export interface ProductVerbs {
  /** Stores a product under the next free `packageId`: one more than the highest ever given, in any account. */
  insertProduct(
    accountId: string,
    product: Omit<Product, 'packageId' | 'accountId'>,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; product: Product }>
  /**
   * Changes a product. `incomplete` where {@link changeAuthtoolClient} says so; `token-taken` where another product, in whatever
   * account, has that package token.
   */
  updateProduct(
    accountId: string,
    productId: string,
    changes: ProductChanges,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; product: Product } | { kind: 'gone' | 'incomplete' | 'token-taken' }>
  findProduct(accountId: string, productId: string): Promise<Product | null>
  /** The product, of whatever account, whose package token has this hash. */
  findProductByAuthtoolToken(tokenHash: string): Promise<Product | null>
  /** The account's products with these package ids, in no particular order; those it has not are left out. */
  findProductsByPackageIds(accountId: string, packageIds: readonly number[]): Promise<readonly Product[]>
  /** By `packageId`, ascending. */
  listProducts(accountId: string, page: PageRequest | WalkRequest): Promise<FoundPage<Product>>
  /** Stores a version of a product. `gone` when the account has no such product. */
  insertProductVersion(
    accountId: string,
    version: ProductVersion,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; version: ProductVersion } | { kind: 'gone' }>
  updateProductVersion(
    accountId: string,
    productId: string,
    versionId: string,
    changes: ProductVersionChanges,
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; version: ProductVersion } | { kind: 'gone' }>
  /** The version, or null where it is not one of this product of the account. */
  findProductVersion(accountId: string, productId: string, versionId: string): Promise<ProductVersion | null>
  /** Oldest first. */
  listProductVersions(accountId: string, productId: string, page: PageRequest): Promise<Page<ProductVersion>>
}
