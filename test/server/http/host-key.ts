import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { type Fixture, send, type WireAnswer, type WireRequest } from './harness'

/** A host's key pair, made without anything of ours. */
export interface HostKey {
  readonly privateKey: KeyObject
  readonly jwk: Record<string, unknown>
  /** RFC 7638, by its letter. */
  readonly thumbprint: string
}

export function createHostKey(): HostKey {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { x } = privateKey.export({ format: 'jwk' })
  const members = `{"crv":"Ed25519","kty":"OKP","x":"${x}"}`
  const thumbprint = createHash('sha256').update(members).digest('base64url')
  return { privateKey, jwk: { kty: 'OKP', crv: 'Ed25519', x }, thumbprint }
}

/** What a proof says, where it is to say something else than is right; undefined leaves a claim out. */
export interface ProofParts {
  readonly header?: Record<string, unknown>
  readonly claims?: Record<string, unknown>
  /** Signs instead of the host's own key. */
  readonly signedBy?: KeyObject
}

export interface ProofFor {
  readonly url: string
  readonly accessToken: string
  readonly now: Date
}

/** A proof for one request: a compact JWS. */
export function createProof(key: HostKey, { url, accessToken, now }: ProofFor, parts: ProofParts = {}): string {
  const header = { typ: 'dpop+jwt', alg: 'EdDSA', jwk: key.jwk, ...parts.header }
  const claims = {
    jti: randomBytes(16).toString('base64url'),
    htm: 'POST',
    htu: url,
    iat: Math.floor(now.getTime() / 1000),
    ath: createHash('sha256').update(accessToken).digest('base64url'),
    ...parts.claims,
  }
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${sign(null, Buffer.from(signed), parts.signedBy ?? key.privateKey).toString('base64url')}`
}

/** A proof for a request of an app: with the fixture's publishable token, by its clock. */
export function proofFor(fixture: Fixture, key: HostKey, path: string, parts: ProofParts = {}): string {
  const { url, publishable, clock } = fixture
  return createProof(key, { url: url + path, accessToken: publishable, now: clock.now }, parts)
}

/** Sends a request as an app does: with the publishable token and, where it has a key, a proof. */
export function sendAsApp(
  fixture: Fixture,
  path: string,
  body: object,
  key?: HostKey,
  request: WireRequest = {},
): Promise<WireAnswer> {
  const proof = key && { DPoP: proofFor(fixture, key, path) }
  const headers = { ...proof, ...request.headers }
  return send(fixture.url, 'POST', path, { token: fixture.publishable, body, ...request, headers })
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
