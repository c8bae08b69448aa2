import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from 'jose'
import { LRUCache } from 'lru-cache'
import { LicenseError } from '../../../protocol/license-error'
import { PROOF_AGE_SECONDS, PROOF_ALGORITHM, type ProofClaims } from '../../../protocol/proof'
import { proofClaims, proofHeader } from '../../../protocol/schemas/proof'
import type { ProofNonces } from './nonce'

/** What a proof must have been made for. */
interface ProvenRequest {
  readonly method: string
  /** The route's path below the mount point: a proxy in front may show clients another host and prefix. */
  readonly path: string
  /** The access token it came with. */
  readonly accessToken: string
  /** The thumbprint of the key that it stands beside; absent where it stands alone. */
  readonly beside?: string
}

/** A proof that is good, and was not shown to this process before. */
export interface ShownProof {
  /** The thumbprint of its key. */
  readonly thumbprint: string
  /** Names it, for other instances: no two proofs of a key have one name. */
  readonly name: string
  /** By then it is good nowhere any more. */
  readonly endsAt: Date
}

/** Verifies the proofs of one server, each of which is taken once. */
export interface ProofVerifier {
  /**
   * What a proof shows.
   * @param proofs the values of the header: exactly one is right
   * @throws {LicenseError} PROOF_INVALID when it does not prove for this request that its sender holds the key
   * @throws {LicenseError} PROOF_STALE when it would, were it newer, or did it carry the nonce that the error names
   */
  verify(proofs: readonly string[], request: ProvenRequest): Promise<ShownProof>
}

const MAX_LENGTH = 4096
/** As long as a proof can be taken: made by a clock five minutes fast, until it is five minutes old. */
const REMEMBERED_MS = 2 * PROOF_AGE_SECONDS * 1000
/** Forgetting one too early lets a proof be taken twice, if somebody has it; ten minutes' worth at 80 a second. */
const MAX_REMEMBERED = 50_000

export function createProofVerifier(nonces: ProofNonces, now: () => Date): ProofVerifier {
  const taken = new LRUCache<string, true>({
    max: MAX_REMEMBERED,
    ttl: REMEMBERED_MS,
    ttlResolution: 0,
    perf: { now: () => now().getTime() },
  })

  function requireFresh({ nonce, iat }: ProofClaims): void {
    const isFresh =
      nonce === undefined ? Math.abs(now().getTime() / 1000 - iat) <= PROOF_AGE_SECONDS : nonces.isGood(nonce)
    if (!isFresh) throw refused('PROOF_STALE')
  }

  /** Looking and marking in one go: of two at once one is taken. By key, so that nobody can use up another's. */
  function takeOnce(thumbprint: string, { jti }: ProofClaims): ShownProof {
    const name = createHash('sha256').update(`${thumbprint} ${jti}`).digest('base64url')
    if (taken.has(name)) throw refused('PROOF_INVALID')
    taken.set(name, true)
    return { thumbprint, name, endsAt: new Date(now().getTime() + REMEMBERED_MS) }
  }

  function refused(code: 'PROOF_INVALID' | 'PROOF_STALE', cause?: unknown): LicenseError {
    return new LicenseError(code, 'The proof of possession is not valid', {
      detail: { nonce: nonces.current() },
      cause,
    })
  }

  return {
    async verify(proofs, request) {
      const { thumbprint, claims } = await readProof(proofs, request, now()).catch((cause: unknown) => {
        throw refused('PROOF_INVALID', cause)
      })
      requireFresh(claims)
      return takeOnce(thumbprint, claims)
    },
  }
}

/** The key and the claims of a proof that is signed with that key, for this request. Throws where it is not. */
async function readProof(proofs: readonly string[], request: ProvenRequest, now: Date) {
  const [proof = ''] = proofs
  if (proofs.length !== 1 || proof.length > MAX_LENGTH) throw new TypeError('there must be one proof, of 4 KiB at most')
  const verified = await jwtVerify(proof, EmbeddedJWK, { algorithms: [PROOF_ALGORITHM], currentDate: now })
  const { jwk } = proofHeader.parse(verified.protectedHeader)
  const { nonce, jkt, ...claims } = proofClaims.parse(verified.payload)
  if (!isFor(claims, request) || jkt !== request.beside) throw new TypeError('the proof is for another request')
  return { thumbprint: await calculateJwkThumbprint(jwk), claims: { ...claims, ...(nonce !== undefined && { nonce }) } }
}

function isFor({ htm, htu, ath }: ProofClaims, { method, path, accessToken }: ProvenRequest): boolean {
  const isSameRoute = htm === method && new URL(htu).pathname.endsWith(path)
  return isSameRoute && ath === createHash('sha256').update(accessToken).digest('base64url')
}
