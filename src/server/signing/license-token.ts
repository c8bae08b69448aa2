import { SignJWT } from 'jose'
import {
  LICENSE_TOKEN_ALGORITHM,
  LICENSE_TOKEN_TYP,
  LICENSE_TOKEN_TYPE,
  type LicenseTokenClaims,
} from '../../protocol/license-token'
import { tokenId } from '../domain/activation'
import { earliest } from '../domain/calendar'
import type { ActivationRows } from '../storage/contract'
import type { SigningKey } from './keyring'

/** A client renews once half of the offline lifetime has passed, so that one missed renewal is no emergency. */
const REFRESH_SHARE = 0.5

/**
 * The claims of the license token for an activation, as of `now`.
 * @param offlineEnd until when it speaks for itself, at most; by default the product's offline lifetime from now
 */
export function licenseTokenClaims(
  rows: ActivationRows,
  issuer: string,
  now: Date,
  offlineEnd: Date = new Date(now.getTime() + rows.product.offlineLifetimeSeconds * 1000),
): LicenseTokenClaims {
  const { license, product, customer, activation } = rows
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

/** Signs claims into a compact JWS (RFC 7515 §3.1). The same claims and key always give the same text (RFC 8032 §5.1.6). */
export function signLicenseToken(claims: LicenseTokenClaims, key: SigningKey): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: LICENSE_TOKEN_ALGORITHM, kid: key.kid, typ: LICENSE_TOKEN_TYP })
    .sign(key.privateKey)
}

function unixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
