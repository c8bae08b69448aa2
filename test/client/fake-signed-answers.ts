import { createHash } from 'node:crypto'
import type { FakeLicenseServer, SeenRequest } from './fake-license-server'
import type { Proven } from './fake-proofs'
import { signToken } from './token-factory'

/** The claims of the signed no to a request, as the wire has them; written from its description alone. */
export function createNoClaims(
  server: FakeLicenseServer,
  { headers, body }: SeenRequest,
  code: string,
  proven: Proven,
) {
  const { productId = null, licenseKey, hostId = null, sessionId } = body
  return {
    iss: 'keyslot',
    iat: Math.floor(server.now.getTime() / 1000),
    nonce: headers['keyslot-nonce'],
    code,
    product: productId,
    license: licenseKey === undefined ? null : hashKey(String(licenseKey)),
    host: hostId,
    ...(sessionId !== undefined && { session: sessionId }),
    ...(proven.kind === 'key' && { proof: proven.thumbprint }),
  }
}

export function signNo(server: FakeLicenseServer, claims: object): string {
  return signToken(server.key, claims, { typ: 'keyslot-answer+jwt' })
}

/** What an honest server adds to a no, where the request has a nonce. */
export function signedHeaders(
  server: FakeLicenseServer,
  request: SeenRequest,
  proven: Proven,
  code: string | undefined,
): Record<string, string> {
  if (request.headers['keyslot-nonce'] === undefined || code === undefined) return {}
  return { 'keyslot-answer': signNo(server, createNoClaims(server, request, code, proven)) }
}

function hashKey(licenseKey: string): string {
  return createHash('sha256').update(`keyslot-asked\0${licenseKey}`).digest('base64url').slice(0, 16)
}
