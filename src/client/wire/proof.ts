import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { PROOF_ALGORITHM, PROOF_TYP, type ProofClaims } from '../../protocol'
import type { ProofKey } from '../trust/proof-key'

/** The request a proof is for. */
export interface ProvenRequest {
  /** Without query and fragment. */
  readonly url: string
  readonly accessToken: string
  readonly now: Date
  /** What the server wants to see in place of a right clock, once it has said so. */
  readonly nonce: string | undefined
}

/** A new key pair. */
export function createProofKey(): ProofKey {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { x, d }
}

/**
 * The value of header `DPoP`: proves to the server, for this one POST, that we hold the key. Made by node:crypto alone:
 * jose's signer would double what a shipped app loads for it.
 * @see RFC 9449 §4.2
 */
export function createProof({ x, d }: ProofKey, { url, accessToken, now, nonce }: ProvenRequest): string {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x }
  const claims: ProofClaims = {
    jti: randomBytes(16).toString('base64url'),
    htm: 'POST',
    htu: url,
    // An invalid date is as good as a wrong one: the server's nonce stands in for it.
    iat: Math.floor(now.getTime() / 1000) || 0,
    ath: createHash('sha256').update(accessToken).digest('base64url'),
    ...(nonce === undefined ? {} : { nonce }),
  }
  const signed = `${encode({ typ: PROOF_TYP, alg: PROOF_ALGORITHM, jwk })}.${encode(claims)}`
  const key = createPrivateKey({ key: { ...jwk, d }, format: 'jwk' })
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
