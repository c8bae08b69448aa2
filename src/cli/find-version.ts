import type { ProductVersion } from '../domain/product-version'
import { LicenseError } from '../protocol/license-error'
import { UsageError } from './failure'
import type { StoreInUse } from './open-store'

/** No product has as many versions. */
const MAX_VERSIONS = 10_000

/**
 * Finds the version of one of these products that an argument names, by id or as the vendor writes the version.
 * @throws {LicenseError} VERSION_NOT_FOUND
 * @throws {UsageError} when several versions are written so
 */
export async function findVersion(
  { licensing }: StoreInUse,
  productIds: readonly string[],
  named: string,
): Promise<ProductVersion> {
  const pages = await Promise.all(
    productIds.map((productId) => licensing.products.listVersions(productId, { limit: MAX_VERSIONS })),
  )
  const versions = pages.flatMap(({ items }) => items)
  const byId = versions.find(({ id }) => id === named)
  if (byId) return byId
  const [version, another] = versions.filter((known) => known.version === named)
  if (another)
    throw new UsageError(`several versions are called ${named}; name it by its id (keyslot product version list)`)
  if (version) return version
  throw new LicenseError(
    'VERSION_NOT_FOUND',
    `There is no version ${named}; keyslot product version list shows those there are`,
  )
}

/**
 * Finds a version that a license can be tied to.
 * @throws {LicenseError} VERSION_NOT_FOUND, also for an inactive version
 */
export async function findAssignableVersion(
  store: StoreInUse,
  productIds: readonly string[],
  named: string,
): Promise<ProductVersion> {
  const version = await findVersion(store, productIds, named)
  if (version.active) return version
  throw new LicenseError('VERSION_NOT_FOUND', `Version ${named} is inactive: no license can be tied to it any more`)
}
