import { REVOCATION_LIST_TYP, type RevocationListClaims } from '../../protocol/revocation-list'
import type { SigningKey } from './keyring'
import { signClaims } from './sign-claims'

/** Signs a revocation list into a compact JWS (RFC 7515 §3.1). */
export function signRevocationList(
  list: { readonly version: number; readonly tokenIds: readonly string[]; readonly issuer: string },
  now: Date,
  key: SigningKey,
): Promise<string> {
  const claims: RevocationListClaims = {
    iss: list.issuer,
    iat: Math.floor(now.getTime() / 1000),
    version: list.version,
    revoked: list.tokenIds,
  }
  return signClaims(claims, REVOCATION_LIST_TYP, key)
}
