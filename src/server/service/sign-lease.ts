import type { License } from '../../domain/license'
import type { Session } from '../../domain/session'
import { SIGNED_LEASE_TYP, type SignedLeaseClaims } from '../../protocol/signed-lease'
import { signClaims } from '../signing/sign-claims'
import type { Call, ServiceContext } from './context'

/** A lease, signed for the request that asked for it; undefined where it had no nonce: it could be anybody's answer. */
export async function signLease(
  { issuer, signingKey, now }: ServiceContext,
  { nonce }: Call,
  license: Pick<License, 'expiresAt'>,
  { id, expiresAt }: Pick<Session, 'id' | 'expiresAt'>,
): Promise<string | undefined> {
  if (nonce === undefined) return undefined
  const end = license.expiresAt === null ? null : unixSeconds(license.expiresAt)
  const claims: SignedLeaseClaims = {
    iss: issuer,
    iat: unixSeconds(now()),
    exp: unixSeconds(expiresAt),
    end,
    nonce,
    session: id,
  }
  return await signClaims(claims, SIGNED_LEASE_TYP, signingKey)
}

function unixSeconds(instant: Date): number {
  return Math.floor(instant.getTime() / 1000)
}
