import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'

/**
 * A verifier of license tokens written from the protocol alone, with nothing but node:crypto: what a third party would
 * write in another language. Shares no code with keyslot.
 */
export function verifyIndependently(token: string, jwks: { keys: readonly { readonly x?: unknown }[] }, typ = 'JWT') {
  const [head = '', payload = '', signature = '', ...rest] = token.split('.')
  if (rest.length > 0) throw new Error('not three parts')
  const header = parse(head)
  if (header.alg !== 'EdDSA' || header.typ !== typ) throw new Error('not of that kind')
  const key = jwks.keys.map(toPublicKey).find((candidate) => keyId(candidate) === header.kid)
  if (key === undefined) throw new Error('signed with an unknown key')
  const signed = Buffer.from(`${head}.${payload}`, 'ascii')
  if (!verify(null, signed, key, Buffer.from(signature, 'base64url'))) throw new Error('signature does not match')
  return { header, claims: parse(payload) }
}

function toPublicKey(jwk: { readonly x?: unknown }): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: String(jwk.x) }, format: 'jwk' })
}

/** base64url(SHA-256(SPKI DER)). */
function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
}

function parse(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
}
