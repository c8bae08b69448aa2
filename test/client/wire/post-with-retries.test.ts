import type { ServerResponse } from 'node:http'
import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import { systemFetch } from '../../../src/client/options'
import { classifyAnswer } from '../../../src/client/wire/answer'
import { createTransport, type PostRequest, type TransportConfig } from '../../../src/client/wire/post-with-retries'
import { createProofKey } from '../../../src/client/wire/proof'
import { type Fault, type SeenRequest, startLicenseServer } from '../fake-license-server'
import { NOW } from '../token-factory'

const server = await startLicenseServer()

const QUICK: TransportConfig = {
  fetch: systemFetch,
  now: () => NOW,
  readClocks: () => ({ wall: NOW.getTime() / 1000, uptime: 0 }),
  random: () => 0.01,
  // Long, since a busy machine is no failure: a test of tries that end has a short one of its own.
  tryTimeoutMs: 20_000,
  maxTries: 3,
}

const SHORT_MS = 200

function request(changes: Partial<PostRequest> = {}): PostRequest {
  const endpoint = { serverUrl: server.url, accessToken: 'pk_test', allowPlainHttp: false }
  return { endpoint, path: '/key/activate', body: { a: 1 }, idempotencyKey: 'same', totalTimeoutMs: 60_000, ...changes }
}

async function postUnder(fault: Fault, config: Partial<TransportConfig> = {}, changes: Partial<PostRequest> = {}) {
  server.fault = fault
  server.requests.length = 0
  const startedAt = performance.now()
  const answer = await createTransport({ ...QUICK, ...config })(request(changes))
  return { answer, tries: server.requests.length, elapsedMs: performance.now() - startedAt }
}

function reply(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): true {
  response.writeHead(status, headers).end(body)
  return true
}

describe('post', () => {
  it('sends JSON with token and idempotency key, and understands success', async () => {
    const { answer } = await postUnder((response) =>
      reply(response, 200, '{"code":0,"x":1}', { date: NOW.toUTCString() }),
    )
    const nonce = server.requests[0]?.headers['keyslot-nonce']
    expect(nonce).toMatch(/^[\w-]{16,64}$/)
    expect(answer).toEqual({
      kind: 'success',
      body: { code: 0, x: 1 },
      serverTime: NOW,
      nonce,
      clocks: QUICK.readClocks(),
    })
    expect(server.requests[0]).toMatchObject({
      path: '/licensing/key/activate',
      body: { a: 1 },
      headers: { authorization: 'Bearer pk_test', 'content-type': 'application/json', 'idempotency-key': 'same' },
    })
  })

  it.each<[string, Fault, object, number]>([
    [
      '500 in our shape',
      (r) => reply(r, 500, '{"message":"Server error","code":1}'),
      { code: 'SERVER_UNREACHABLE', status: 500 },
      3,
    ],
    ['502 of a proxy', (r) => reply(r, 502, '<h1>Bad gateway</h1>'), { code: 'SERVER_UNREACHABLE', status: 502 }, 3],
    ['429', (r) => reply(r, 429, '{"message":"slow down","code":3}'), { code: 'RATE_LIMITED', status: 429 }, 3],
    [
      '409 in flight',
      (r) => reply(r, 409, '{"message":"busy","code":1}', { 'keyslot-error': 'IDEMPOTENCY_IN_FLIGHT' }),
      { code: 'IDEMPOTENCY_IN_FLIGHT' },
      3,
    ],
    ['a reset connection', (r) => r.destroy() !== undefined, { code: 'SERVER_UNREACHABLE' }, 3],
    ['a hang', () => true, { code: 'SERVER_UNREACHABLE', systemCode: 'ETIMEDOUT' }, 3],
    ['a captive portal', (r) => reply(r, 200, '<html>Log in</html>'), { code: 'SERVER_UNREACHABLE', status: 200 }, 1],
    ['JSON of somebody else', (r) => reply(r, 200, '{"ok":true}'), { code: 'SERVER_UNREACHABLE', status: 200 }, 1],
    [
      'a 404 of somebody else',
      (r) => reply(r, 404, '{"error":"Not found"}'),
      { code: 'SERVER_UNREACHABLE', status: 404 },
      1,
    ],
    ['a redirect', (r) => reply(r, 302, '', { location: server.url }), { code: 'SERVER_UNREACHABLE', status: 302 }, 1],
    ['a huge page', (r) => reply(r, 200, `"${'x'.repeat(2_000_000)}"`), { code: 'SERVER_UNREACHABLE' }, 1],
  ])('%s is inconclusive', async (name, fault, expected, tries) => {
    // Of a try that ends before it was sent, on a busy machine, the server hears nothing: it counts all the same.
    const keys: (string | null)[] = []
    const fetch: TransportConfig['fetch'] = (url, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'))
      return systemFetch(url, init)
    }
    const tryTimeoutMs = name === 'a hang' ? SHORT_MS : QUICK.tryTimeoutMs
    const result = await postUnder(fault, { fetch, tryTimeoutMs })
    expect(result.answer).toMatchObject({ kind: 'inconclusive', ...expected })
    expect(keys).toEqual(Array(tries).fill('same'))
  })

  it('a refused connection is inconclusive', async () => {
    const closed = await startLicenseServer()
    await closed.close()
    const endpoint = { serverUrl: closed.url, accessToken: 'pk_test', allowPlainHttp: false }
    expect(await createTransport(QUICK)(request({ endpoint }))).toMatchObject({
      code: 'SERVER_UNREACHABLE',
      systemCode: 'ECONNREFUSED',
    })
  })

  it('a slow drip ends with the try', async () => {
    let timer: NodeJS.Timeout | undefined
    const { answer, elapsedMs } = await postUnder(
      (response) => {
        response.writeHead(200)
        timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
        return true
      },
      { maxTries: 1, tryTimeoutMs: SHORT_MS },
    )
    expect(answer.kind).toBe('inconclusive')
    expect(elapsedMs).toBeLessThan(10_000)
  })

  it('never exceeds the total, tries or not', async () => {
    const { elapsedMs, tries } = await postUnder(() => true, { tryTimeoutMs: 300 }, { totalTimeoutMs: 400 })
    expect(elapsedMs).toBeLessThan(5_000)
    expect(tries).toBeLessThanOrEqual(2)
  })

  it('ends a try whose fetch does not heed its signal', async () => {
    const answer = await createTransport({ ...QUICK, fetch: () => new Promise(() => undefined) })(
      request({ totalTimeoutMs: 300 }),
    )
    expect(answer).toMatchObject({ kind: 'inconclusive', systemCode: 'ETIMEDOUT' })
  })

  it('recovers at a later try', async () => {
    let failures = 2
    const { answer, tries } = await postUnder((r) => (failures-- > 0 ? reply(r, 503, '') : reply(r, 200, '{"code":0}')))
    expect(answer.kind).toBe('success')
    expect(tries).toBe(3)
  })

  it('honours Retry-After, but not beyond its own deadline', async () => {
    let busy = 1
    const waited = await postUnder((r) =>
      busy-- > 0 ? reply(r, 429, '', { 'retry-after': '1' }) : reply(r, 200, '{"code":0}'),
    )
    expect(waited.answer.kind).toBe('success')
    expect(waited.elapsedMs).toBeGreaterThanOrEqual(1_000)

    const gaveUp = await postUnder((r) => reply(r, 429, '', { 'retry-after': '30' }), {}, { totalTimeoutMs: 20_000 })
    expect(gaveUp.answer).toMatchObject({ code: 'RATE_LIMITED', retryAfterSeconds: 30 })
    expect(gaveUp.tries).toBe(1)
    expect(gaveUp.elapsedMs).toBeLessThan(20_000)
  })

  it('shows nothing of a custom fetch’s error but its code', async () => {
    const fetch = () => Promise.reject(Object.assign(new Error('secret'), { config: 'secret', code: 'EPROXY' }))
    const answer = await createTransport({ ...QUICK, fetch, maxTries: 1 })(request())
    expect(JSON.stringify(answer)).not.toContain('secret')
    expect(answer).toMatchObject({ systemCode: 'EPROXY' })
  })
})

describe('a proof that the server does not take, naming a nonce', () => {
  const proofKey = createProofKey()
  const nonceOf = ({ headers }: SeenRequest) => decodeJwt(String(headers.dpop)).nonce
  const challenge = (response: ServerResponse, nonce: string) =>
    reply(response, 401, '{"message":"Invalid proof of possession","code":1}', {
      'dpop-nonce': nonce,
      'keyslot-error': 'PROOF_STALE',
    })
  /** Takes proofs with this nonce only. */
  const wanting =
    (nonce: string): Fault =>
    (response, seen) =>
      nonceOf(seen) === nonce ? reply(response, 200, '{"code":0}') : challenge(response, nonce)

  it('is made once more with that, at once: the same request, another proof', async () => {
    const { answer, tries } = await postUnder(wanting('one'), { maxTries: 1 }, { proofKey })
    expect({ kind: answer.kind, tries }).toEqual({ kind: 'success', tries: 2 })
    const [first, second] = server.requests
    expect(second?.body).toEqual(first?.body)
    expect(second?.headers['idempotency-key']).toBe('same')
    expect(second?.headers.dpop).not.toBe(first?.headers.dpop)
  })

  it('and not again while the server wants the same, which later requests begin with', async () => {
    const post = createTransport(QUICK)
    server.fault = wanting('one')
    server.requests.length = 0
    for (let i = 0; i < 3; i++) await post(request({ proofKey }))
    expect(server.requests.map(nonceOf)).toEqual([undefined, 'one', 'one', 'one'])
    server.fault = wanting('two')
    await post(request({ proofKey }))
    expect(server.requests.map(nonceOf).slice(4)).toEqual(['one', 'two'])
  })

  it('is refused where that helps no more, or there is no key to prove', async () => {
    const refused = { kind: 'refused', code: 'PROOF_STALE', status: 401 }
    const same = await postUnder((response) => challenge(response, 'the-same'), {}, { proofKey })
    expect(same).toMatchObject({ answer: refused, tries: 2 })
    let count = 0
    const another = await postUnder((response) => challenge(response, `nonce-${count++}`), {}, { proofKey })
    expect(another).toMatchObject({ answer: refused, tries: 2 })
    expect(await postUnder((response) => challenge(response, 'nonce'))).toMatchObject({ answer: refused, tries: 1 })
  })

  it('keeps to the time allowed', async () => {
    const hanging: Fault = (response, seen) => (nonceOf(seen) === undefined ? challenge(response, 'one') : true)
    const config = { tryTimeoutMs: 5_000, maxTries: 1 }
    const { answer, elapsedMs } = await postUnder(hanging, config, { proofKey, totalTimeoutMs: 300 })
    expect(answer).toMatchObject({ kind: 'inconclusive', systemCode: 'ETIMEDOUT' })
    expect(elapsedMs).toBeLessThan(2_000)
  })
})

describe('classifyAnswer', () => {
  const classify = (status: number, error: string | null, changes = {}) =>
    classifyAnswer({ status, text: '{}', date: null, retryAfter: null, nonce: null, error, ...changes }, NOW)

  it.each<[number, string]>([
    [400, 'MISSING_PARAMS'],
    [401, 'INVALID_ACCESS_TOKEN'],
    [403, 'LICENSE_BLOCKED'],
    [403, 'INSUFFICIENT_PERMISSIONS'],
    [404, 'LICENSE_NOT_FOUND'],
    [413, 'BODY_TOO_LARGE'],
    [422, 'IDEMPOTENCY_MISMATCH'],
    [403, 'OF_A_NEWER_SERVER'],
  ])('%i with %s in its header is refused for that, whatever its body says', (status, error) => {
    for (const text of ['', '<html>', '{"message":"License expired","code":2}', '{"code":0}'])
      expect(classify(status, error, { text })).toMatchObject({ kind: 'refused', code: error, status })
  })

  it('takes a refusal without the header, or with another text in it, for somebody else', () => {
    const text = '{"message":"License not activated","code":2}'
    for (const status of [400, 401, 403, 404, 409, 422]) {
      for (const error of [null, '', 'license not activated', 'A'.repeat(65), 'LICENSE-BLOCKED', '__proto__'])
        expect(classify(status, error, { text })).toMatchObject({ kind: 'inconclusive', transient: false })
    }
  })

  it('tries again what is still being answered', () => {
    expect(classify(409, 'IDEMPOTENCY_IN_FLIGHT')).toMatchObject({ kind: 'inconclusive', transient: true })
  })

  it('takes a nonce from a refused proof alone, and only what may be one', () => {
    const refused = (status: number, nonce: string) => classify(status, 'PROOF_STALE', { nonce })
    expect(refused(401, 'AAAA-_12')).toMatchObject({ code: 'PROOF_STALE', nonce: 'AAAA-_12' })
    for (const nonce of ['', 'a b', 'a"b', 'é', 'x'.repeat(257)])
      expect(refused(401, nonce)).not.toHaveProperty('nonce')
    expect(refused(403, 'AAAA-_12')).not.toHaveProperty('nonce')
  })

  it('reads a Retry-After date', () => {
    const retryAfter = new Date(NOW.getTime() + 90_000).toUTCString()
    expect(classify(503, null, { retryAfter })).toMatchObject({ retryAfterSeconds: 90 })
    expect(classify(503, null, { retryAfter: 'soon' })).not.toHaveProperty('retryAfterSeconds')
  })
})
