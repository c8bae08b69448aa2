import { createCipheriv, createHmac, randomBytes } from 'node:crypto'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { nameOfUser } from '../../../src/domain/device-user'
import { ROUTES, type RouteName } from '../../../src/protocol/routes'
import { EXAMPLE } from '../../../src/protocol/schemas/api/example-values'
import { newActivation } from '../../storage/verbs/kit/entities'
import { activateHost, makeAuthtoolKey, makeKey, named, post } from './actions'
import { type Fixture, send } from './harness'

/** What these tests read of an OpenAPI document. */
export interface OpenApi {
  readonly openapi: string
  readonly info: object
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly examples: Readonly<Record<string, { readonly value: unknown }>>
    readonly schemas: Readonly<Record<string, Schema>>
  }
}

export interface Operation {
  readonly operationId: RouteName
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: Content }>>
  readonly security: readonly Readonly<Record<string, readonly string[]>>[]
  readonly 'x-required-scopes'?: readonly string[]
}

interface Parameter {
  readonly $ref?: string
  readonly name?: string
  readonly in?: 'query' | 'path'
  readonly example?: unknown
}

type Schema = { readonly [keyword: string]: unknown }

type Content = Readonly<
  Record<string, { readonly schema: Schema; readonly examples?: Readonly<Record<string, Example>> }>
>

interface Example {
  readonly $ref?: string
  readonly value?: unknown
}

/** An operation with the place it has in the document. */
export interface Placed {
  readonly path: string
  readonly method: string
  readonly operation: Operation
}

export async function fetchDocument(fixture: Fixture): Promise<OpenApi> {
  return (await send(fixture.url, 'GET', '/openapi.json')).body
}

export function operationsOf({ paths }: OpenApi): readonly Placed[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
}

/** The one answer of an operation that is no error. */
export function successOf({ responses }: Operation) {
  const [status = '', response] = Object.entries(responses).find(([code]) => code.startsWith('2')) ?? []
  if (response === undefined) throw new Error('an operation without success')
  return { status: Number(status), response }
}

/** The body an error is documented with, and its status. */
export function documentedError({ components }: OpenApi, { responses }: Operation, code: string) {
  for (const [status, { content }] of Object.entries(responses)) {
    const example = content['application/json']?.examples?.[code]
    const name = example?.$ref?.split('/').at(-1) ?? ''
    if (example !== undefined) return { status: Number(status), body: components.examples[name]?.value }
  }
  return undefined
}

/** Checks bodies against the document's schemas, in which no field but the documented ones may be. */
export function bodyValidator(document: OpenApi) {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(close(document) as object, 'document')
  const compiled = new Map<string, ReturnType<typeof ajv.compile>>()
  return (place: readonly (string | number)[], body: unknown): string => {
    const pointer = place.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
    const validate = compiled.get(pointer) ?? ajv.compile({ $ref: `document#/${encodeURI(pointer)}` })
    compiled.set(pointer, validate)
    return validate(body) ? '' : ajv.errorsText(validate.errors)
  }
}

function close(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(close)
  if (typeof part !== 'object' || part === null) return part
  const closed = Object.fromEntries(Object.entries(part).map(([name, value]) => [name, close(value)]))
  const isObject = closed.type === 'object' && 'properties' in closed && !('additionalProperties' in closed)
  return isObject ? { ...closed, additionalProperties: false } : closed
}

/** Puts a store's own values where a document's examples have others. */
export type Fill = <T>(example: T) => T

const ABOUT_USERS: readonly RouteName[] = ['dropDeviceUser', 'listHostUsers', 'dropHostUser']
const FLOATING: readonly RouteName[] = ['checkout', 'heartbeat', 'checkin']

/** A license, a customer, an AuthTool key and a session, as the examples suppose them. */
export async function furnish(fixture: Fixture, name: RouteName): Promise<Fill> {
  const customer = await fixture.licensing.customers.create({ name: EXAMPLE.name, email: EXAMPLE.email })
  const replacements = new Map<unknown, unknown>([
    [EXAMPLE.productId, fixture.productId],
    [EXAMPLE.packageId, fixture.packageId],
    [EXAMPLE.customerId, customer.id],
  ])
  const terms = { maxActivations: 3, customerId: customer.id, metadata: { order: 'A-1001' } }
  const licenseType = FLOATING.includes(name) ? 'floating' : 'node-locked'
  const key = await makeKey(fixture, { ...terms, licenseType })
  const authtoolKey = await makeAuthtoolKey(fixture)
  replacements.set(EXAMPLE.licenseKey, key).set(EXAMPLE.authtoolKey, authtoolKey)
  await activateHost(fixture, authtoolKey, EXAMPLE.hostId)
  if (licenseType === 'node-locked') {
    await activateHost(fixture, key, EXAMPLE.hostId)
    const { activations } = await fixture.licensing.licenses.get(key)
    const device = activations[0]?.id ?? ''
    const user = nameOfUser({ id: device }, { thumbprint: EXAMPLE.key })
    replacements.set(EXAMPLE.device, device).set(EXAMPLE.otherUser, user)
    if (ABOUT_USERS.includes(name)) await bindUser(fixture, key)
  }
  if (name.startsWith('authtoolClient') || name.startsWith('authtoolApiClient')) {
    await logIn(fixture, authtoolKey)
    replacements.set(EXAMPLE.sealedLogin, sealExample({ uid: EXAMPLE.hostId, key: authtoolKey }))
  }
  if (name === 'startTrial') await fixture.licensing.products.update(fixture.productId, { trialSeconds: 2_592_000 })
  if (name === 'heartbeat' || name === 'checkin') {
    const { sessionId, sessionSecret, nextNonce } = await checkOut(fixture, key)
    const signature = createHmac('sha256', sessionSecret).update(`${sessionId}:${nextNonce}`).digest('hex')
    replacements.set(EXAMPLE.sessionId, sessionId).set(EXAMPLE.nonce, nextNonce)
    replacements.set(EXAMPLE.sessionSignature, signature)
  }
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value !== 'object' || value === null) return replacements.get(value) ?? value
    return Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, fill(inner)]))
  }
  return fill as Fill
}

/** Serves the example's package, and logs its host in. */
async function logIn({ licensing, productId, url }: Fixture, key: string): Promise<void> {
  const { packageToken: token, aesKey } = EXAMPLE
  await licensing.products.update(productId, { authtoolClient: { token, aesKey } })
  const data = sealExample({ uid: EXAMPLE.hostId, key })
  await send(url, 'POST', '/public/v1/client/login', { body: { token, data } })
}

/** Encrypts as the example's app does. */
function sealExample(value: object): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', EXAMPLE.aesKey, nonce)
  return Buffer.concat([nonce, cipher.update(JSON.stringify(value)), cipher.final(), cipher.getAuthTag()]).toString(
    'base64',
  )
}

/** Binds the example's key to its host. */
async function bindUser({ store, licensing, productId, clock }: Fixture, canonicalKey: string): Promise<void> {
  const asked = newActivation(EXAMPLE.hostId, { proofKey: EXAMPLE.key })
  await store.claimActivation(licensing.accountId, { canonicalKey, productId }, asked, { now: clock.now })
}

async function checkOut(fixture: Fixture, key: string) {
  const answer = await post(fixture, '/key/checkout', named(fixture, key, { hostId: EXAMPLE.hostId }))
  return answer.body as Record<'sessionId' | 'sessionSecret' | 'nextNonce', string>
}

export interface DocumentedRequest {
  readonly url: string
  readonly init: RequestInit & { readonly headers: Record<string, string> }
}

/** A request as the document has it, and nothing else. */
export function toRequest(
  fixture: Fixture,
  { path, method, operation }: Placed,
  body: unknown,
  fill: Fill = (example) => example,
): DocumentedRequest {
  const values = (place: string) =>
    (operation.parameters ?? [])
      .filter((parameter) => parameter.in === place && parameter.example !== undefined)
      .map((parameter) => [parameter.name ?? '', String(fill(parameter.example))] as const)
  const query = new URLSearchParams(Object.fromEntries(values('query'))).toString()
  const filled = values('path').reduce(
    (url, [name, value]) => url.replace(`{${name}}`, encodeURIComponent(value)),
    path,
  )
  return {
    url: fixture.url + filled + (query === '' ? '' : `?${query}`),
    init: {
      method: method.toUpperCase(),
      headers: { ...authorization(operation, fixture.secret), ...(body !== undefined && JSON_TYPE) },
      ...(body !== undefined && { body: JSON.stringify(fill(body)) }),
    },
  }
}

const JSON_TYPE = { 'Content-Type': 'application/json' }

/** The header an operation shows an access token in. */
export function authorization({ security }: Operation, token: string): Record<string, string> {
  const [scheme] = Object.keys(security[0] ?? {})
  if (scheme === undefined) return {}
  return scheme === 'apiKey' ? { 'X-API-Key': token } : { Authorization: `Bearer ${token}` }
}

/** The request bodies an operation is documented with, by name; undefined where it takes none. */
export function exampleBodies({ requestBody }: Operation): readonly [string, unknown][] {
  const examples = requestBody?.content['application/json']?.examples
  if (examples === undefined) return [['plain', undefined]]
  return Object.entries(examples).map(([name, { value }]) => [name, value])
}

/** The methods that the router says it takes, for each path of the table of routes, as `METHOD /path` with `x` for parameters. */
export async function mountedRoutes({ url }: Fixture): Promise<readonly string[]> {
  const paths = [...new Set(Object.values(ROUTES).map(({ path }) => withoutParameters(path)))]
  const told = await Promise.all(
    paths.map(async (path) => {
      const response = await fetch(url + path, { method: 'OPTIONS' })
      await response.text()
      return (response.headers.get('allow') ?? '').split(', ').map((method) => `${method} ${path}`)
    }),
  )
  return told.flat().filter((route) => !route.startsWith('HEAD'))
}

/** The same, as a document has it: a path without parameters may be one with parameters, too. */
export function routesOfDocument(placed: readonly Placed[]): readonly string[] {
  const paths = [...new Set(placed.map(({ path }) => withoutParameters(path)))]
  return placed.flatMap(({ method, path }) => {
    const pattern = new RegExp(`^${path.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
    return paths.filter((one) => pattern.test(one)).map((one) => `${method.toUpperCase()} ${one}`)
  })
}

function withoutParameters(path: string): string {
  return path.replace(/\{\w+\}/g, 'x')
}

export const ALL_ROUTES = Object.values(ROUTES).map(({ method, path }) => `${method} ${path}`)
