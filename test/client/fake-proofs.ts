import { createHash, createPublicKey, verify } from 'node:crypto'
import { PUBLISHABLE_TOKEN, type SeenRequest } from './fake-license-server'

/** What a request's `DPoP` header proves: the thumbprint of a key; `none` without one, `invalid` where it proves nothing. */
export type Proven = { readonly kind: 'key'; readonly thumbprint: string } | { readonly kind: 'none' | 'invalid' }

const PROVING = ['/licensing/key/activate', '/licensing/key/validate', '/licensing/key/deactivate']
const TOLERANCE_SECONDS = 300

/** The server's half of RFC 9449, as far as it is used here; by node:crypto alone. */
export class FakeProofs {
  /** The key each host is bound to, by its thumbprint. */
  readonly keys = new Map<string, string>()
  /** The one good nonce. */
  nonce = 'nonce-of-the-fake-license-server'
  /** Whether hosts that show no key are refused. */
  required = false
  readonly #seen = new Set<unknown>()

  read({ path, headers }: SeenRequest, now: Date): Proven {
    const { dpop } = headers
    if (dpop === undefined || !PROVING.includes(path)) return { kind: 'none' }
    const { header, claims, isSigned } = decode(String(dpop))
    const { kty, crv, x, ...more } = header.jwk
    const facts = [
      isSigned,
      header.typ === 'dpop+jwt' && header.alg === 'EdDSA',
      kty === 'OKP' && crv === 'Ed25519' && Object.keys(more).length === 0,
      claims.htm === 'POST',
      // A proxy in front may have been asked by another name, and below another path.
      new URL(claims.htu).pathname.endsWith(path.replace('/licensing', '')) && !/[?#]/.test(claims.htu),
      claims.ath === hash(PUBLISHABLE_TOKEN),
      /^[\w-]{16,}$/.test(claims.jti) && !this.#seen.has(claims.jti),
      claims.nonce === this.nonce || Math.abs(claims.iat - now.getTime() / 1000) <= TOLERANCE_SECONDS,
    ]
    this.#seen.add(claims.jti)
    if (facts.includes(false)) return { kind: 'invalid' }
    return { kind: 'key', thumbprint: hash(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`) }
  }

  /** Whether whoever shows this may not act for the host. */
  refuses(hostId: string, proven: Proven, { rebinds }: { rebinds: boolean }): boolean {
    const bound = this.keys.get(hostId)
    if (proven.kind !== 'key') return this.required || bound !== undefined
    return bound !== undefined && bound !== proven.thumbprint && !rebinds
  }

  bind(hostId: string, proven: Proven): void {
    if (proven.kind === 'key') this.keys.set(hostId, proven.thumbprint)
  }

  /** The claim that binds a token for this host. */
  claimFor(hostId: string): { cnf?: { jkt: string } } {
    const jkt = this.keys.get(hostId)
    return jkt === undefined ? {} : { cnf: { jkt } }
  }
}

function decode(proof: string) {
  const [head = '', body = '', signature = ''] = proof.split('.')
  const [header, claims] = [head, body].map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
  const key = createPublicKey({ key: header.jwk, format: 'jwk' })
  const isSigned = verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))
  return { header, claims, isSigned }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
