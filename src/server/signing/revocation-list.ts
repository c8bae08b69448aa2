import { REVOCATION_LIST_TYP, type RevocationEntry, type RevocationListClaims } from '../../protocol/revocation-list'
import type { SigningKey } from './keyring'
import { signClaims } from './sign-claims'

/**
 * Signs a revocation list into a compact JWS (RFC 7515 §3.1).
 * @param list `product` is null for a list of all products
 */
export function signRevocationList(
  list: { readonly issuer: string; readonly product: string | null; readonly entries: readonly RevocationEntry[] },
  now: Date,
  key: SigningKey,
): Promise<string> {
  const claims: RevocationListClaims = {
    iss: list.issuer,
    iat: Math.floor(now.getTime() / 1000),
    product: list.product,
    entries: list.entries,
  }
  return signClaims(claims, REVOCATION_LIST_TYP, key)
}
