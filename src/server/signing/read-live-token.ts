import { createLocalJWKSet, errors, jwtVerify } from 'jose'
import type { LiveToken } from '../../domain/live-token'
import type { JwkSet } from '../../protocol/jwk'
import { LICENSE_TOKEN_ALGORITHM, LICENSE_TOKEN_TYP, LICENSE_TOKEN_TYPE } from '../../protocol/license-token'

/** Whose a license token must be. */
interface TokenHolder {
  readonly productId: string
  readonly hostId: string
  /** The key that its holder shows. */
  readonly proofKey: string
}

/**
 * Reads a license token of ours that a host shows: undefined unless it is genuine, has not ended (grace does not count), and is
 * of this product, host and key. A license file's names no key, and so shows nothing.
 */
export async function readLiveToken(
  licenseToken: string,
  { productId, hostId, proofKey }: TokenHolder,
  { jwks, issuer }: { readonly jwks: JwkSet; readonly issuer: string },
  now: Date,
): Promise<LiveToken | undefined> {
  try {
    const { payload } = await jwtVerify(licenseToken, createLocalJWKSet({ keys: [...jwks.keys] }), {
      algorithms: [LICENSE_TOKEN_ALGORITHM],
      typ: LICENSE_TOKEN_TYP,
      issuer,
      audience: productId,
      currentDate: now,
      requiredClaims: ['exp'],
    })
    const { type, machine, cnf, lid, stamp } = payload
    const isOwn = type === LICENSE_TOKEN_TYPE && machine === hostId && isBoundTo(cnf, proofKey)
    return isOwn && typeof lid === 'string' && typeof stamp === 'number' ? { licenseId: lid, stamp } : undefined
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}

function isBoundTo(cnf: unknown, proofKey: string): boolean {
  return typeof cnf === 'object' && cnf !== null && 'jkt' in cnf && cnf.jkt === proofKey
}
