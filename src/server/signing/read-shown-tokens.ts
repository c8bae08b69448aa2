import { createLocalJWKSet, errors, jwtVerify } from 'jose'
import type { LiveToken, PreviousToken } from '../../domain/live-token'
import type { JwkSet } from '../../protocol/jwk'
import { LICENSE_TOKEN_ALGORITHM, LICENSE_TOKEN_TYP, LICENSE_TOKEN_TYPE } from '../../protocol/license-token'

/** Whose a license token must be. */
interface TokenHolder {
  readonly productId: string
  readonly hostId: string
  /** The ids that the host went by before. */
  readonly previousHostIds?: readonly string[] | undefined
  /** The key that its holder shows. */
  readonly proofKey: string
}

/** What a license token shows of the host that has it; neither where it is no use. */
export interface ShownTokens {
  readonly token?: LiveToken
  readonly previousToken?: PreviousToken
}

/** Longer than any license token lasts. */
const ENDED_TOO_SECONDS = 1e10

/**
 * Reads a license token of ours that a host shows: genuine, and of this product and key. One of the host's own counts until it has
 * ended, grace left out. One of an id it went by before tells how far its holder has come. A license file's names no key, and so
 * shows nothing.
 */
export async function readShownTokens(
  licenseToken: string,
  { productId, hostId, previousHostIds = [], proofKey }: TokenHolder,
  { jwks, issuer }: { readonly jwks: JwkSet; readonly issuer: string },
  now: Date,
): Promise<ShownTokens> {
  try {
    const { payload } = await jwtVerify(licenseToken, createLocalJWKSet({ keys: [...jwks.keys] }), {
      algorithms: [LICENSE_TOKEN_ALGORITHM],
      typ: LICENSE_TOKEN_TYP,
      issuer,
      audience: productId,
      currentDate: now,
      clockTolerance: ENDED_TOO_SECONDS,
      requiredClaims: ['exp'],
    })
    const { type, machine, cnf, lid: licenseId, stamp, ren, exp = 0 } = payload
    if (type !== LICENSE_TOKEN_TYPE || typeof licenseId !== 'string' || !isBoundTo(cnf, proofKey)) return {}
    const isLive = machine === hostId && exp * 1000 > now.getTime() && typeof stamp === 'number'
    if (isLive) return { token: { licenseId, stamp } }
    const isPrevious = typeof machine === 'string' && machine !== hostId && previousHostIds.includes(machine)
    return isPrevious && typeof ren === 'number' ? { previousToken: { licenseId, hostId: machine, renewal: ren } } : {}
  } catch (error) {
    if (error instanceof errors.JOSEError) return {}
    throw error
  }
}

function isBoundTo(cnf: unknown, proofKey: string): boolean {
  return typeof cnf === 'object' && cnf !== null && 'jkt' in cnf && cnf.jkt === proofKey
}
