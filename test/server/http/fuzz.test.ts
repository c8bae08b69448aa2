import { Agent, request as httpRequest } from 'node:http'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeKey, PLAIN_MOUNT } from './actions'
import { type Fixture, MOUNTS, type Mount, startFixture } from './harness'
import { AUTHENTICATED_ROUTES, type NamedRoute, requestFor } from './requests'
import { makeSubject, type Subject } from './subject'

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const RUNS = Number(process.env.FUZZ_RUNS ?? 300)

interface RawRequest {
  readonly method: string
  readonly path: string
  readonly headers: Record<string, string>
  readonly body: Buffer
}

interface RawAnswer {
  readonly status: number
  readonly contentType: string | undefined
  readonly text: string
}

const nastyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\ud800',
    '__proto__',
    '../..',
    'null',
    '9'.repeat(400),
    'A'.repeat(300),
    '1e999',
    '%00',
  ),
)
const nastyValue = fc.oneof(
  nastyText,
  fc.constantFrom(null, true, 0, -1, 1e308, 2 ** 53, 0.1, [], {}, '2027-02-31', '+999999-01-01', '-000001-01-01'),
  fc.jsonValue({ maxDepth: 3 }),
)
const FIELDS = [
  ...['productId', 'licenseKey', 'hostId', 'maxActivations', 'usesPerKey', 'expiryDate', 'customerId', 'newCustomer'],
  ...['metadata', 'allowedHosts', 'format', 'amountKeys', 'licenseType', 'deviceTag', 'version', 'licensee', 'status'],
  ...['sessionId', 'timestamp', 'signature', 'userIdentifier', 'ttl', 'page', 'limit', 'email', 'active', 'name'],
  ...['quantity', 'packageIds', 'duration', 'unit', 'alias', 'isCleanable', 'activateCount', 'endDate', '__proto__'],
]
const nastyFields = fc.dictionary(fc.constantFrom(...FIELDS), nastyValue, { maxKeys: 4, noNullPrototype: true })
const headers = fc.record(
  {
    'Content-Type': fc.constantFrom(
      'application/json',
      'application/json; charset=utf-16',
      'text/plain',
      ';',
      'a/b;c="',
    ),
    'Content-Encoding': fc.constantFrom('identity', 'gzip', 'deflate', 'x', ''),
    'Idempotency-Key': fc.constantFrom('a', '"a"', ''),
    'X-Forwarded-For': fc.constantFrom('1.2.3.4', '::1%x', 'x', ', ,'),
    'X-HTTP-Method-Override': fc.constant('DELETE'),
  },
  { requiredKeys: [] },
)
const token = fc.oneof(
  { weight: 6, arbitrary: fc.constant('secret') },
  fc.constantFrom('publishable', 'garbage', 'none'),
)

describe.each([PLAIN_MOUNT, MOUNTS.find(({ name }) => name.includes('parser')) as Mount])(
  `random requests (FUZZ_SEED=${SEED}), mounted $name`,
  (mount) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    let fixture: Fixture
    let subject: Subject

    beforeAll(async () => {
      fixture = await startFixture(mount)
      subject = await makeSubject(fixture)
    })
    afterAll(async () => {
      agent.destroy()
      await fixture.close()
    })

    /** Sends what `fetch` would tidy up first. */
    const sendRaw = ({ method, path, headers, body }: RawRequest) =>
      new Promise<RawAnswer>((resolve, reject) => {
        const { hostname, port } = new URL(fixture.url)
        const request = httpRequest({ agent, hostname, port, method, path: mount.path + path, headers }, (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              contentType: response.headers['content-type'],
              text: Buffer.concat(chunks).toString('utf8'),
            }),
          )
        })
        request.on('error', reject)
        request.end(body)
      })

    const tokenHeader = (kind: string): Record<string, string> => {
      const tokens: Record<string, string> = {
        secret: fixture.secret,
        publishable: fixture.publishable,
        garbage: 'at_x',
      }
      const text = tokens[kind]
      return text === undefined ? {} : { Authorization: `Bearer ${text}`, 'X-API-Key': text }
    }
    const withLength = (headers: Record<string, string>, body: Buffer) => ({
      ...headers,
      'Content-Length': `${body.length}`,
    })

    const check = async (route: NamedRoute, request: RawRequest) => {
      const answer = await sendRaw(request)
      expect(answer.status, answer.text).toBeLessThan(500)
      expect(answer.contentType).toBe('application/json; charset=utf-8')
      const body = JSON.parse(answer.text)
      if (answer.status < 400) return
      const fields = Object.keys(body).sort()
      if (route.route.family !== 'authtool') expect(fields).toEqual(['code', 'message'])
      else if (route.name === 'authtoolChangeStatus' && answer.status === 400)
        expect(fields).toEqual(['details', 'message'])
      else expect(fields).toEqual(['message'])
      expect(typeof body.message).toBe('string')
    }

    it('to our routes are never 5xx and always answered in the shape of the family', async () => {
      const shape = fc.record({
        route: fc.constantFrom(...AUTHENTICATED_ROUTES),
        fields: nastyFields,
        garbage: fc.option(fc.uint8Array({ maxLength: 60 }), { freq: 4 }),
        key: fc.option(nastyText, { freq: 3 }),
        headers,
        token,
      })
      await fc.assert(
        fc.asyncProperty(shape, async ({ route, fields, garbage, key, headers, token }) => {
          const named = key === null ? subject : { ...subject, licenseKey: key.toWellFormed() || '%' }
          const { path, body } = requestFor(route, named)
          const query =
            route.route.method === 'GET' ? `${path.includes('?') ? '&' : '?'}${encodeURI(toQuery(fields))}` : ''
          const bytes = Buffer.from(garbage ?? JSON.stringify({ ...body, ...fields }))
          const all = { 'Content-Type': 'application/json', ...headers, ...tokenHeader(token) }
          await check(route, {
            method: route.route.method,
            path: path + query,
            headers: withLength(all, bytes),
            body: bytes,
          })
        }),
        { seed: SEED, numRuns: RUNS },
      )
    })

    it('to any path are never 5xx', async () => {
      const segment = fc.oneof(
        fc.constantFrom('key', 'public', 'v1', 'activate', 'reset', 'detail', 'create-key', 'healthz', '.well-known'),
        fc.constantFrom('%', '%ff', '%00', '..', '', ':key', '{key}', '*', '(', '[', '%2e%2e', ';a=b', 'constructor'),
        fc.webPath({ size: 'small' }),
      )
      const shape = fc.record({
        method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND'),
        segments: fc.array(segment, { maxLength: 6 }),
        query: fc.option(fc.webQueryParameters({ size: 'small' })),
        headers,
        token,
        garbage: fc.uint8Array({ maxLength: 30 }),
      })
      await fc.assert(
        fc.asyncProperty(shape, async ({ method, segments, query, headers, token, garbage }) => {
          const path = `/${segments.join('/')}${query === null ? '' : `?${query}`}`
          const body = Buffer.from(method === 'HEAD' || method === 'OPTIONS' ? [] : garbage)
          const all = withLength({ 'Content-Type': 'application/json', ...headers, ...tokenHeader(token) }, body)
          const answer = await sendRaw({ method, path, headers: all, body })
          expect(answer.status, answer.text).toBeLessThan(500)
        }),
        { seed: SEED, numRuns: RUNS },
      )
    })

    it('leave the service as it was', async () => {
      expect(fixture.logged).toEqual([])
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
      expect(await makeKey(fixture)).toEqual(expect.any(String))
    })
  },
)

function toQuery(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .map(
      ([name, value]) => `${name}=${String(typeof value === 'object' ? JSON.stringify(value) : value).toWellFormed()}`,
    )
    .join('&')
}
