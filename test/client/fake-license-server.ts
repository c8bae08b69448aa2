import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'
import { FakeProofs, type Proven } from './fake-proofs'
import { FakeSessions } from './fake-sessions'
import { signedHeaders } from './fake-signed-answers'
import { refusalHeaders } from './refusal-headers'
import {
  createClaims,
  createSigningKey,
  LICENSE_KEY,
  NOW,
  PRODUCT_ID,
  type SigningKey,
  signToken,
} from './token-factory'

/** A request as the server saw it. */
export interface SeenRequest {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
}

/** Answers in place of the server; return false to let it answer itself. */
export type Fault = (response: ServerResponse, request: SeenRequest) => boolean | undefined

/** The wire of families A and D, for one license; written from its description alone, not from the server. */
export interface FakeLicenseServer {
  readonly url: string
  readonly key: SigningKey
  readonly requests: SeenRequest[]
  readonly activeHosts: Set<string>
  now: Date
  limit: number
  blocked: boolean
  /** Whether the license is deleted, or was never in this server's storage. */
  deleted: boolean
  /** The hosts that the vendor has freed on purpose. */
  readonly freedHosts: Set<string>
  /** The license tokens it has given out: who shows one is taken back, whatever the limit. */
  readonly issued: Set<unknown>
  /** What `POST /key/validate` answers instead of the truth. */
  verdict: object | undefined
  fault: Fault | undefined
  /** Whether its tokens say that it signs its answers. It does, and they carry the nonce of the request, in any case. */
  signsAnswers: boolean
  /** Changes the claims of the tokens it signs. */
  claims: object
  readonly sessions: FakeSessions
  readonly proofs: FakeProofs
  /** First answers by path and `Idempotency-Key`. */
  readonly replays: Map<string, [number, object]>
  /** What `GET /.well-known/revocations/{productId}.jws` gives; undefined: 404. */
  revocationList: string | undefined
  /** What `GET /.well-known/jwks.json` gives; undefined: 404. */
  keySet: string | undefined
  close(): Promise<void>
}

export const PUBLISHABLE_TOKEN = 'pk_0123456789abcdefghijklmnopqrstuvwxyz'

export async function startLicenseServer(key = createSigningKey()): Promise<FakeLicenseServer> {
  const http = createServer((request, response) => {
    readBody(request).then(
      ({ keyslotNonce, ...body }) => {
        const headers = { 'keyslot-nonce': keyslotNonce as string | undefined, ...request.headers }
        answer(fake, { path: request.url ?? '', headers, body }, response)
      },
      () => response.destroy(),
    )
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const { port } = http.address() as AddressInfo
  const fake: FakeLicenseServer = {
    url: `http://127.0.0.1:${port}/licensing`,
    key,
    requests: [],
    activeHosts: new Set(),
    now: NOW,
    limit: 1,
    blocked: false,
    deleted: false,
    freedHosts: new Set(),
    issued: new Set(),
    verdict: undefined,
    fault: undefined,
    signsAnswers: false,
    claims: {},
    sessions: new FakeSessions(),
    proofs: new FakeProofs(),
    replays: new Map(),
    revocationList: undefined,
    keySet: undefined,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        http.closeAllConnections()
      }),
  }
  running.push(fake)
  return fake
}

const REVOCATIONS = `/licensing/.well-known/revocations/${PRODUCT_ID}.jws`

const running: FakeLicenseServer[] = []

afterAll(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

function answer(fake: FakeLicenseServer, request: SeenRequest, response: ServerResponse): void {
  fake.requests.push(request)
  response.sendDate = false
  response.setHeader('date', fake.now.toUTCString())
  if (fake.fault?.(response, request)) return
  if (request.path === REVOCATIONS && fake.revocationList !== undefined) {
    response.end(fake.revocationList)
    return
  }
  const asked = /^\/licensing\/\.well-known\/time\?nonce=([\w-]+)$/.exec(request.path)
  if (asked !== null) {
    const claims = { iss: 'keyslot', iat: Math.floor(fake.now.getTime() / 1000), nonce: asked[1] }
    response.end(signToken(fake.key, claims, { typ: 'keyslot-time+jwt' }))
    return
  }
  const proven = fake.proofs.read(request, fake.now)
  if (proven.kind === 'invalid') response.setHeader('dpop-nonce', fake.proofs.nonce)
  if (request.path.startsWith('/licensing/.well-known/jwks.json') && fake.keySet !== undefined) {
    response.end(fake.keySet)
    return
  }
  const replay = `${request.path} ${request.headers['idempotency-key']}`
  const kept = fake.replays.get(replay)
  const [status, decided] = kept ?? decide(fake, request, proven)
  if (request.headers['idempotency-key'] !== undefined && status !== 401) fake.replays.set(replay, [status, decided])
  const body = withLease(fake, request, decided)
  const refused = refusalHeaders(body)
  const { valid, reason } = body as { valid?: unknown; reason?: string }
  const code = valid === false ? String(reason) : refused['keyslot-error']
  const signed = signedHeaders(fake, request, proven, code)
  const headers = { 'content-type': 'application/json; charset=utf-8', ...refused, ...signed }
  response.writeHead(status, headers).end(JSON.stringify(body))
}

/** A server that signs its answers signs leases, too. */
function withLease(
  { key, now, signsAnswers, claims: changes }: FakeLicenseServer,
  { headers, body }: SeenRequest,
  answer: object,
): object {
  const { sessionId = body.sessionId, expiresAt, nextNonce } = answer as Record<string, unknown>
  if (!signsAnswers || nextNonce === undefined || !(expiresAt instanceof Date)) return answer
  const inSeconds = (time: Date) => Math.floor(time.getTime() / 1000)
  const claims = {
    iss: 'keyslot',
    iat: inSeconds(now),
    exp: inSeconds(expiresAt),
    end: null,
    nonce: headers['keyslot-nonce'],
    session: sessionId,
    ...changes,
  }
  return { ...answer, lease: signToken(key, claims, { typ: 'keyslot-lease+jwt' }) }
}

function decide(fake: FakeLicenseServer, { path, headers, body }: SeenRequest, proven: Proven): [number, object] {
  const hostId = String(body.hostId)
  if (headers.authorization !== `Bearer ${PUBLISHABLE_TOKEN}`) return refusal(401, 1, 'Invalid access token')
  if (proven.kind === 'invalid') return refusal(401, 1, 'Invalid proof of possession')
  if (fake.deleted || body.productId !== PRODUCT_ID || body.licenseKey !== LICENSE_KEY)
    return refusal(404, 1, 'Invalid license key')
  const { proofs } = fake
  const licenseToken = () => {
    const claims = createClaims({ machine: hostId, ...proofs.claimFor(hostId) }, fake.now)
    const signs = { nonce: headers['keyslot-nonce'], ...(fake.signsAnswers && { ans: 1 }) }
    const token = signToken(fake.key, { ...claims, ...signs, ...fake.claims })
    fake.issued.add(token)
    return token
  }
  switch (path) {
    case '/licensing/key/activate':
      if (fake.blocked) return refusal(403, 2, 'License not activated')
      if (body.licenseToken !== undefined && fake.freedHosts.has(hostId)) return refusal(403, 2, 'Activation revoked')
      if (!fake.issued.has(body.licenseToken) && !fake.activeHosts.has(hostId) && fake.activeHosts.size >= fake.limit) {
        return refusal(403, 2, 'Activation limit reached')
      }
      if (proofs.refuses(hostId, proven, { rebinds: true })) return refusal(403, 2, 'Proof of possession required')
      fake.activeHosts.add(hostId)
      fake.freedHosts.delete(hostId)
      proofs.bind(hostId, proven)
      return [200, { code: 0, message: 'License valid', hostId, licenseToken: licenseToken() }]
    case '/licensing/key/validate':
      if (fake.verdict !== undefined) return [200, fake.verdict]
      if (fake.blocked) return [200, { code: 0, valid: false, reason: 'revoked' }]
      if (fake.freedHosts.has(hostId)) return [200, { code: 0, valid: false, reason: 'activation-revoked' }]
      if (!fake.activeHosts.has(hostId)) return [200, { code: 0, valid: false, reason: 'not-activated' }]
      if (proofs.refuses(hostId, proven, { rebinds: false })) return refusal(403, 2, 'Proof of possession required')
      return [200, { code: 0, valid: true, licenseToken: licenseToken() }]
    case '/licensing/key/deactivate':
      if (fake.blocked) return refusal(403, 2, 'License not activated')
      if (!fake.activeHosts.has(hostId)) return refusal(404, 1, 'Device not found')
      if (proofs.keys.has(hostId) && proofs.refuses(hostId, proven, { rebinds: false })) {
        return refusal(403, 2, 'Proof of possession required')
      }
      fake.activeHosts.delete(hostId)
      proofs.keys.delete(hostId)
      return [200, { message: 'Device deactivated', code: 0 }]
    case '/licensing/key/checkout':
      return fake.blocked ? refusal(403, 2, 'License not activated') : fake.sessions.checkout(body, fake.now)
    case '/licensing/key/heartbeat':
      return fake.blocked ? refusal(403, 2, 'License not activated') : fake.sessions.heartbeat(body, fake.now)
    case '/licensing/key/checkin':
      return fake.sessions.checkin(body, fake.now)
    default:
      return refusal(404, 1, 'Not found')
  }
}

function refusal(status: number, code: number, message: string): [number, object] {
  return [status, { message, code }]
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())
}
