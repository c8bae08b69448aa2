import type { TokenFacts } from './decide-release'
import { type Decided, type LicensedProduct, remove, type Spendings } from './decision'
import type { License } from './license'
import { revokeLicense } from './revoke'

/** What goes with a license, besides its activations and sessions. */
export interface LicenseBelongings {
  readonly spendings: readonly Spendings[]
  readonly products: readonly LicensedProduct[]
}

/** Deletes a license with everything of it; the tokens of its activations may not be used any more. */
export function decideDeleteLicense(
  license: License,
  { spendings, products }: LicenseBelongings,
  { tokensEndAt, ceiling }: TokenFacts,
  now: Date,
): Decided<License> {
  return {
    outcome: license,
    changes: [
      remove('license', license),
      ...spendings.map((spending) => remove('spendings', spending)),
      ...products.map((product) => remove('licensedProduct', product)),
    ],
    vacated: [{ license, of: ['activation', 'session'] }],
    revoked: revokeLicense(license, tokensEndAt, ceiling, now),
  }
}
