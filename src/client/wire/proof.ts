import { createHash, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { PROOF_ALGORITHM, PROOF_TYP, type ProofClaims } from '../../protocol'
import type { ProofKey } from '../trust/proof-key'

/** The request that a proof is made for. */
export interface ProvenRequest {
  /** Without query and fragment. */
  readonly url: string
  readonly accessToken: string
  readonly now: Date
  /** The nonce that the server asked for; it stands in for a right clock. */
  readonly nonce: string | undefined
  /** The thumbprint of the key that the proof stands beside; undefined where it stands alone. */
  readonly beside?: string
}

/** Makes a new key pair. */
export function createProofKey(): ProofKey {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { x, d }
}

/**
 * Makes a proof of possession, the value of header `DPoP`: it proves to the server, for this one POST, that this host holds
 * the key. node:crypto alone signs it; the signer of jose would double what a shipped app loads for it.
 * @see RFC 9449 §4.2
 */
export function createProof({ x, d }: ProofKey, { url, accessToken, now, nonce, beside }: ProvenRequest): string {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x }
  const claims: ProofClaims = {
    jti: randomBytes(16).toString('base64url'),
    htm: 'POST',
    htu: url,
    // An invalid date does the same as a wrong one: the server asks for its nonce.
    iat: Math.floor(now.getTime() / 1000) || 0,
    ath: createHash('sha256').update(accessToken).digest('base64url'),
    ...(nonce === undefined ? {} : { nonce }),
    ...(beside === undefined ? {} : { jkt: beside }),
  }
  const signed = `${encode({ typ: PROOF_TYP, alg: PROOF_ALGORITHM, jwk })}.${encode(claims)}`
  const key = createPrivateKey({ key: { ...jwk, d }, format: 'jwk' })
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
