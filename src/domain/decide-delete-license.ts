import type { Activation } from './activation'
import type { TokenFacts } from './decide-release'
import { type Decided, type LicensedProduct, remove, type Spendings } from './decision'
import type { License } from './license'
import { revokeLicense } from './revoke'
import type { Session } from './session'

/** What goes with a license. */
export interface LicenseBelongings {
  readonly activations: readonly Activation[]
  readonly sessions: readonly Session[]
  readonly spendings: readonly Spendings[]
  readonly products: readonly LicensedProduct[]
}

/** Deletes a license with everything of it; the tokens of its activations may not be used any more. */
export function decideDeleteLicense(
  license: License,
  { activations, sessions, spendings, products }: LicenseBelongings,
  { tokensEndAt, ceiling }: TokenFacts,
  now: Date,
): Decided<License> {
  return {
    outcome: license,
    changes: [
      remove('license', license),
      ...activations.map((activation) => remove('activation', activation)),
      ...sessions.map((session) => remove('session', session)),
      ...spendings.map((spending) => remove('spendings', spending)),
      ...products.map((product) => remove('licensedProduct', product)),
    ],
    revoked: revokeLicense(license, tokensEndAt, ceiling, now),
  }
}
