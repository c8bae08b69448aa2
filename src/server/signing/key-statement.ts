import type { JwkSet } from '../../protocol/jwk'
import { KEY_STATEMENT_TYP, type KeyStatementClaims } from '../../protocol/key-statement'
import { allKeys, type Keyring, lastChangeOf, trustedKeys } from './keyring'
import { signClaims } from './sign-claims'

/**
 * So many keys, the newest ones, are named, and so many sign: as each copy names all keys, it grows with the square. All of
 * it stays below what a license file may hold.
 */
const MAX_KEYS = 24

/** The public keys as a JWK set (RFC 7517 §5), current first, with what is to be said of them. Worked out once per keyring. */
export async function publishKeys(keyring: Keyring, issuer: string): Promise<JwkSet> {
  const keys = trustedKeys(keyring).map((key) => key.publicJwk)
  const hasMore = keys.length > 1 || keyring.revoked.length > 0
  return hasMore ? { keys, statements: await signKeyStatements(keyring, issuer) } : { keys }
}

/**
 * Says which keys to trust and which not, once signed with each key: whichever of them an app pins, it can follow. A
 * revoked key signs too. An app that has not heard of the theft trusts it anyway, and there is no other way to tell it;
 * one that has takes nothing from that key any more.
 */
function signKeyStatements(keyring: Keyring, issuer: string): Promise<readonly string[]> {
  const claims = keyStatementClaims(keyring, issuer)
  const newestFirst = [...allKeys(keyring)].sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())
  const signing = newestFirst.slice(0, MAX_KEYS)
  return Promise.all(signing.map((key) => signClaims(claims, KEY_STATEMENT_TYP, key)))
}

/** Equal wherever the keyring is: it depends on no clock. */
function keyStatementClaims(keyring: Keyring, issuer: string): KeyStatementClaims {
  const version = lastChangeOf(keyring).getTime()
  return {
    iss: issuer,
    iat: Math.floor(version / 1000),
    version,
    keys: trustedKeys(keyring)
      .slice(0, MAX_KEYS)
      .map(({ publicJwk: { kty, crv, x } }) => ({ kty, crv, x })),
    revoked: keyring.revoked.map(({ kid }) => kid),
  }
}
