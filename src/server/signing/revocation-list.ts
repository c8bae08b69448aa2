import { CompactSign } from 'jose'
import { LICENSE_TOKEN_ALGORITHM } from '../../protocol/license-token'
import { REVOCATION_LIST_TYP, type RevocationListClaims } from '../../protocol/revocation-list'
import type { SigningKey } from './keyring'

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
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: LICENSE_TOKEN_ALGORITHM, kid: key.kid, typ: REVOCATION_LIST_TYP })
    .sign(key.privateKey)
}
