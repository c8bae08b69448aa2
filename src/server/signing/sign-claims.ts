import { CompactSign } from 'jose'
import { LICENSE_TOKEN_ALGORITHM } from '../../protocol/license-token'
import type { SigningKey } from './keyring'

/** Signs claims into a compact JWS (RFC 7515 §3.1). The same claims and key always give the same text (RFC 8032 §5.1.6). */
export function signClaims(claims: object, typ: string, key: SigningKey): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: LICENSE_TOKEN_ALGORITHM, kid: key.kid, typ })
    .sign(key.privateKey)
}
