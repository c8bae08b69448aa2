import { createPublicKey, verify } from 'node:crypto'
import { request } from 'node:http'
import { Validator } from '@seriousme/openapi-schema-validator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { computeFingerprint, computeKid } from '../../../src/protocol/jwk'
import { ROUTES, type RouteDefinition, type RouteName } from '../../../src/protocol/routes'
import {
  EXAMPLE_JWK,
  EXAMPLE_LICENSE_FILE,
  EXAMPLE_LICENSE_TOKEN,
  EXAMPLE_REVOCATION_LIST,
} from '../../../src/protocol/schemas/api/example-values'
import { API } from '../../../src/protocol/schemas/api/index'
import { AUTHENTICATED_ENDPOINTS } from '../../../src/server/http/endpoints'
import { activateHost, addAccount, makeAuthtoolKey, makeKey, PLAIN_MOUNT, UNKNOWN_KEY } from './actions'
import {
  ALL_ROUTES,
  authorization,
  bodyValidator,
  documentedError,
  exampleBodies,
  fetchDocument,
  furnish,
  mountedRoutes,
  type OpenApi,
  operationsOf,
  type Placed,
  routesOfDocument,
  successOf,
  toRequest,
} from './documented'
import { type Fixture, send, startFixture } from './harness'

let fixture: Fixture
let document: OpenApi
let placed: readonly Placed[]

beforeAll(async () => {
  fixture = await startFixture(PLAIN_MOUNT)
  document = await fetchDocument(fixture)
  placed = operationsOf(document)
})

afterAll(() => fixture.close())

const label = ({ method, path }: Placed) => `${method.toUpperCase()} ${path}`

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator()
    const { valid, errors } = await validator.validate(structuredClone(document) as never)
    expect(errors ?? []).toEqual([])
    expect(valid).toBe(true)
    expect(validator.version).toBe('3.1')
  })

  it('has every route that is mounted, and no other', async () => {
    const documented = placed.map(label).sort()
    expect([...new Set(routesOfDocument(placed))].sort()).toEqual([...(await mountedRoutes(fixture))].sort())
    expect(documented).toEqual([...ALL_ROUTES].sort())
  })

  it('is the same whenever and wherever it is made, but for its server', async () => {
    const elsewhere = await startFixture(PLAIN_MOUNT)
    try {
      const other = await fetchDocument(elsewhere)
      expect(JSON.stringify({ ...other, servers: [] })).toBe(JSON.stringify({ ...document, servers: [] }))
    } finally {
      await elsewhere.close()
    }
  })

  it('names the server it was asked for from', async () => {
    expect(document.servers).toEqual([{ url: fixture.url }])
  })

  it('names no server that only a forged Host header knows', async () => {
    const { body } = await getWithHost(fixture, 'evil.example/?')
    expect(body.servers).toEqual([{ url: '/licensing' }])
    expect((await getWithHost(fixture, 'licenses.example:8443')).body.servers).toEqual([
      { url: 'http://licenses.example:8443/licensing' },
    ])
  })

  it('tells scopes, security and the idempotency key as the table of routes has them', () => {
    for (const { operation } of placed) {
      const { authentication, scopes, mutates } = ROUTES[operation.operationId]
      const scheme = { bearer: 'accessToken', 'api-key': 'apiKey', none: '' }[authentication]
      expect(operation.security, operation.operationId).toEqual(scheme === '' ? [] : [{ [scheme]: scopes }])
      expect(operation['x-required-scopes'] ?? []).toEqual(scopes)
      for (const scope of scopes) expect(operation.description).toContain(scope)
      const parameters = JSON.stringify(operation.parameters ?? [])
      expect(parameters.includes('IdempotencyKey'), operation.operationId).toBe(mutates)
    }
  })

  it('describes the very schemas that validate', () => {
    const values = [undefined, null, [], {}, '', 0, 1, '1', true, 'x', 'x'.repeat(22), 'x'.repeat(2000)]
    for (const { route, parse } of AUTHENTICATED_ENDPOINTS) {
      const name = nameOf(route)
      const { request, examples } = API[name]
      expect(request === undefined, name).toBe(parse === undefined)
      for (const field of Object.keys(request?.shape ?? {})) {
        for (const value of values) {
          const input = { ...Object.values(examples)[0]?.request, [field]: value }
          expect(
            accepts(() => parse?.(input)),
            `${name} ${field} ${value}`,
          ).toBe(request?.safeParse(input).success)
        }
      }
    }
  })

  it('explains every field of every request', () => {
    const unexplained = Object.entries(document.components.schemas)
      .filter(([name]) => name.endsWith('Request'))
      .flatMap(([name, { properties }]) =>
        Object.entries(properties as Record<string, { description?: string }>)
          .filter(([, { description = '' }]) => description === '')
          .map(([field]) => `${name}.${field}`),
      )
    expect(unexplained).toEqual([])
  })

  it('explains every error it lists, and answers none of them as unexpected', () => {
    for (const { operation } of placed) {
      for (const [status, { description, content }] of Object.entries(operation.responses)) {
        const codes = Object.keys(content['application/json']?.examples ?? {})
        // Left unexplained, an error would be described by its code.
        for (const code of status.startsWith('2') ? [] : codes) expect(description).not.toContain(code)
        if (status === '500') expect(codes, operation.operationId).toEqual(['SERVER_ERROR'])
      }
    }
  })

  it('gives examples that fit their schemas', () => {
    const check = bodyValidator(document)
    for (const { path, method, operation } of placed) {
      for (const [name, body] of exampleBodies(operation)) {
        if (body === undefined) continue
        const place = ['paths', path, method, 'requestBody', 'content', 'application/json', 'schema']
        expect(check(place, body), `${operation.operationId}, example ${name}`).toBe('')
      }
      for (const [status, { content }] of Object.entries(operation.responses)) {
        for (const [mediaType, { examples = {} }] of Object.entries(content)) {
          for (const [name, { $ref, value }] of Object.entries(examples)) {
            const shared = document.components.examples[$ref?.split('/').at(-1) ?? '']
            const place = ['paths', path, method, 'responses', status, 'content', mediaType, 'schema']
            expect(check(place, value ?? shared?.value), `${operation.operationId} ${status} ${name}`).toBe('')
          }
        }
      }
    }
  })

  it('gives example signatures that verify', () => {
    const key = createPublicKey({ key: { ...EXAMPLE_JWK }, format: 'jwk' })
    for (const jws of [EXAMPLE_LICENSE_TOKEN, EXAMPLE_REVOCATION_LIST]) {
      const [header = '', payload = '', signature = ''] = jws.split('.')
      expect(verify(null, Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))).toBe(true)
    }
    expect(EXAMPLE_LICENSE_FILE.publicKeyFingerprint).toBe(computeFingerprint(EXAMPLE_JWK))
    expect(EXAMPLE_LICENSE_FILE.keyId).toBe(computeKid(EXAMPLE_JWK))
    const check = bodyValidator(document)
    expect(check(['components', 'schemas', 'LicenseTokenClaims'], claimsOf(EXAMPLE_LICENSE_TOKEN))).toBe('')
    expect(check(['components', 'schemas', 'RevocationListClaims'], claimsOf(EXAMPLE_REVOCATION_LIST))).toBe('')
  })
})

function nameOf(route: RouteDefinition): RouteName {
  const [name] = (Object.keys(ROUTES) as RouteName[]).filter((known) => ROUTES[known] === route)
  if (name === undefined) throw new Error(`${route.path} is not in the table of routes`)
  return name
}

function accepts(check: () => unknown): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

/** `fetch` does not let a caller choose the Host header. */
function getWithHost({ url }: Fixture, host: string): Promise<{ readonly body: OpenApi }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/openapi.json`, { headers: { host } }, async (res) => {
      resolve({ body: JSON.parse(Buffer.concat(await res.toArray()).toString()) })
    })
    sent.on('error', reject).end()
  })
}

function claimsOf(jws: string): unknown {
  return JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString())
}

const SAMPLES = Object.entries(API).flatMap(([name, { examples }]) =>
  Object.keys(examples).map((example) => ({ name: name as keyof typeof ROUTES, example })),
)

describe('a walk over every route, with the examples of the document', () => {
  it.each(SAMPLES)('$name, example $example, is answered as documented', async ({ name, example }) => {
    const store = await startFixture(PLAIN_MOUNT)
    try {
      const fill = await furnish(store, name)
      const place = placed.find(({ operation }) => operation.operationId === name)
      if (place === undefined) throw new Error(`${name} is not in the document`)
      const bodies = new Map(exampleBodies(place.operation))
      const { url, init } = toRequest(store, place, bodies.get(example), fill)
      const answer = await fetch(url, init)
      const text = await answer.text()
      const { status, response } = successOf(place.operation)
      expect({ status: answer.status, text }).toEqual({ status, text })
      const mediaType = answer.headers.get('content-type')?.split(';')[0] ?? ''
      expect(Object.keys(response.content)).toContain(mediaType)
      const body = mediaType === 'application/json' ? JSON.parse(text) : text
      const schema = ['paths', place.path, place.method, 'responses', status, 'content', mediaType, 'schema']
      expect(bodyValidator(document)(schema, body)).toBe('')
      const documented = response.content[mediaType]?.examples?.[example]?.value
      // The walk supposes the store the examples do; of a whole document, an example is but an outline.
      if (isObject(body) && name !== 'openapi') expect(Object.keys(body).sort()).toEqual(fieldsOf(documented))
      expect(store.logged).toEqual([])
    } finally {
      await store.close()
    }
  })
})

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null
}

function fieldsOf(example: unknown): readonly string[] {
  return isObject(example) ? Object.keys(example).sort() : []
}

describe('the errors of the document are those the server sends', () => {
  /** Sends a documented request with something wrong in it. */
  async function provoke(place: Placed, code: string, body: unknown, headers: Record<string, string> = {}) {
    const documented = documentedError(document, place.operation, code)
    const { url, init } = toRequest(fixture, place, body)
    const sent = typeof body === 'string' ? { ...init, body } : init
    const answer = await fetch(url, { ...sent, headers: { ...init.headers, ...headers } })
    const got = { status: answer.status, body: await answer.json() }
    expect(got, `${label(place)} ${code}`).toEqual(documented)
  }

  const authenticated = () => placed.filter(({ operation }) => operation.security.length > 0)
  const withBody = () => placed.filter(({ operation }) => operation.requestBody !== undefined)
  const plain = (place: Placed) => exampleBodies(place.operation)[0]?.[1]

  it('to callers without a valid token, or without its scopes', async () => {
    const { token } = await fixture.licensing.accessTokens.create({ name: 'none', kind: 'secret', scopes: [] })
    for (const place of authenticated()) {
      const [header = ''] = Object.keys(authorization(place.operation, ''))
      await provoke(place, 'MISSING_AUTHORIZATION', plain(place), { [header]: '' })
      await provoke(place, 'INVALID_ACCESS_TOKEN', plain(place), authorization(place.operation, 'at_wrong'))
      await provoke(place, 'INSUFFICIENT_PERMISSIONS', plain(place), authorization(place.operation, token))
    }
  })

  it('to bodies that are malformed, too large, or not JSON', async () => {
    for (const place of withBody()) {
      const [field = ''] = Object.keys(API[place.operation.operationId].request?.shape ?? {})
      await provoke(place, 'INVALID_REQUEST', { ...(plain(place) as object), [field]: [] })
      await provoke(
        place,
        'MISSING_PARAMS',
        place.operation.operationId === 'toggleCustomer' ? { customerId: null } : {},
      )
      await provoke(place, 'BODY_TOO_LARGE', { padding: 'x'.repeat(100_001) })
      await provoke(place, 'UNSUPPORTED_MEDIA_TYPE', plain(place), { 'Content-Type': 'text/plain' })
    }
  })

  it('to an idempotency key used for another payload, or that is none', async () => {
    const place = placed.find(({ operation }) => operation.operationId === 'createCustomer') as Placed
    const headers = { 'Idempotency-Key': 'once' }
    const { url, init } = toRequest(fixture, place, { name: 'first' })
    expect((await fetch(url, { ...init, headers: { ...init.headers, ...headers } })).status).toBe(201)
    await provoke(place, 'IDEMPOTENCY_MISMATCH', { name: 'second' }, headers)
    const reset = placed.find(({ operation }) => operation.operationId === 'authtoolReset') as Placed
    await provoke(reset, 'INVALID_REQUEST', undefined, { 'Idempotency-Key': 'x'.repeat(256) })
  })

  it('to license keys and customers there are not', async () => {
    for (const place of authenticated()) {
      const { refusals } = API[place.operation.operationId]
      const absent = (['LICENSE_NOT_FOUND', 'PRODUCT_NOT_FOUND', 'CUSTOMER_NOT_FOUND'] as const).find((code) =>
        refusals.includes(code),
      )
      // The ids of the examples are in no store.
      if (absent !== undefined) await provoke(place, absent, plain(place))
    }
  })

  it("to AuthTool keys of another account, each route's in its own words", async () => {
    const other = await addAccount(fixture)
    const foreign = { ...fixture, productId: other.productId, packageId: other.packageId, secret: other.secret }
    const key = await makeAuthtoolKey(foreign)
    for (const place of placed) {
      if (!API[place.operation.operationId].refusals.includes('LICENSE_FOREIGN')) continue
      const documented = documentedError(document, place.operation, 'LICENSE_FOREIGN')
      const { url, init } = toRequest(fixture, place, plain(place), ((value: unknown) =>
        typeof value === 'string' ? key : value) as never)
      const answer = await fetch(url, init)
      expect({ status: answer.status, body: await answer.json() }).toEqual(documented)
    }
  })

  it("to a license's state", async () => {
    const place = placed.find(({ operation }) => operation.operationId === 'activateKey') as Placed
    const { productId } = fixture
    const of = (licenseKey: string, hostId = 'host-1') => ({ productId, licenseKey, hostId })
    const full = await makeKey(fixture, { maxActivations: 1 })
    await activateHost(fixture, full, 'host-0')
    await provoke(place, 'ACTIVATION_LIMIT_REACHED', of(full))
    await provoke(place, 'HOST_NOT_ALLOWED', of(await makeKey(fixture, { allowedHosts: ['host-0'] })))
    await provoke(place, 'WRONG_LICENSE_TYPE', of(await makeKey(fixture, { licenseType: 'floating' })))
    await provoke(place, 'LICENSE_EXPIRED', of(await makeKey(fixture, { expiryDate: '2020-01-01' })))
    const blocked = await makeKey(fixture)
    await send(fixture.url, 'POST', '/key/block', { token: fixture.secret, body: { productId, licenseKey: blocked } })
    await provoke(place, 'LICENSE_BLOCKED', of(blocked))
    const deactivate = placed.find(({ operation }) => operation.operationId === 'deactivateKey') as Placed
    await provoke(deactivate, 'ACTIVATION_NOT_FOUND', of(full))
    await provoke(deactivate, 'LICENSE_NOT_FOUND', of(UNKNOWN_KEY))
  })
})
