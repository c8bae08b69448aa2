import { type Activation, tokenId } from '../../domain/activation'
import { earliest } from '../../domain/calendar'
import { type HostKey, ofVendor } from '../../domain/host-keys'
import { isKeyOf } from '../../domain/host-user'
import type { Proof } from '../../domain/proof'
import type { Stamped } from '../../domain/stamp'
import {
  LICENSE_TOKEN_TYP,
  LICENSE_TOKEN_TYPE,
  type LicenseTokenClaims,
  SIGNS_ANSWERS,
} from '../../protocol/license-token'
import type { ActivationRows } from '../../storage/verbs/store'
import type { SigningKey } from './keyring'
import { signClaims } from './sign-claims'

/** A client renews once half of the offline lifetime has passed, so that one missed renewal is no emergency. */
const REFRESH_SHARE = 0.5

/** What a license token is made of. */
interface TokenRows extends Stamped<ActivationRows> {
  /** Who is given it. */
  readonly by: Proof
  /** What they asked with. */
  readonly nonce?: string | undefined
}

/**
 * The claims of the license token for an activation, as of `now`: it speaks for itself for the product's offline lifetime,
 * at most, and names the key its holder must have, where the activation is bound to keys.
 */
export function licenseTokenClaims({ by, nonce, ...rows }: TokenRows, issuer: string, now: Date): LicenseTokenClaims {
  const key = keyOf(rows.activation, by, now)
  const offlineEnd = new Date(now.getTime() + rows.product.offlineLifetimeSeconds * 1000)
  const claims = licenseFileClaims(rows, issuer, now, earliest(offlineEnd, key?.until ?? null) ?? offlineEnd)
  const own = nonce === undefined ? claims : { ...claims, nonce }
  if (key === undefined) return own
  // A user may show one key of several. Only the newest has numbers: folders that are older go on side by side with it.
  const former = isKeyOf(key, by.proofKey) && by.proofKey !== key.thumbprint ? by.proofKey : undefined
  if (former) return { ...own, cnf: { jkt: former } }
  return { ...own, ren: key.renewals?.count ?? 0, cnf: { jkt: key.thumbprint } }
}

/** The key that was shown; the host's oldest, where the vendor asks for it. */
function keyOf(activation: Activation, by: Proof, now: Date): HostKey | undefined {
  return activation.keys.find((one) => isKeyOf(one, by.proofKey)) ?? ofVendor(activation, by, now)
}

/**
 * The claims of a license file's token: good until `offlineEnd`, at most. It names no key: the host it is carried to may
 * never have been online to show one.
 */
export function licenseFileClaims(
  rows: Stamped<ActivationRows>,
  issuer: string,
  now: Date,
  offlineEnd: Date,
): LicenseTokenClaims {
  const { license, product, customer, activation, stamp } = rows
  const expiresAt = earliest(license.expiresAt, activation.expiresAt)
  const iat = unixSeconds(now)
  const exp = unixSeconds(earliest(expiresAt, offlineEnd) ?? offlineEnd)
  return {
    iss: issuer,
    aud: product.id,
    productId: product.id,
    sub: license.key,
    key: license.key,
    machine: activation.hostId,
    type: LICENSE_TOKEN_TYPE,
    jti: tokenId(license, activation),
    lid: license.id,
    stamp,
    ans: SIGNS_ANSWERS,
    iat,
    nbf: iat,
    exp,
    license: {
      expiresAt: expiresAt?.toISOString() ?? null,
      entitlements: product.entitlements,
      metadata: license.metadata,
      customerName: customer?.name ?? activation.licensee?.name ?? null,
      refreshAfter: iat + Math.floor((exp - iat) * REFRESH_SHARE),
      graceSeconds: product.graceSeconds,
    },
  }
}

/** Signs a license token; see {@link signClaims}. */
export function signLicenseToken(claims: LicenseTokenClaims, key: SigningKey): Promise<string> {
  return signClaims(claims, LICENSE_TOKEN_TYP, key)
}

function unixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
