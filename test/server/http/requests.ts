import { ROUTES, type RouteDefinition, type RouteName } from 'keyslot/protocol'
import { expectAnswer } from './actions'
import { type Fixture, send, type WireAnswer, type WireRequest } from './harness'
import { proofOf, SUBJECT_HOST, type Subject } from './subject'

type Body = (subject: Subject) => Record<string, unknown>

const license: Body = ({ productId, licenseKey }) => ({ productId, licenseKey })
const host: Body = (subject) => ({ ...license(subject), hostId: SUBJECT_HOST })
const seat: Body = ({ productId, floatingKey }) => ({ productId, licenseKey: floatingKey })
const proof: Body = (subject) => ({ ...seat(subject), ...proofOf(subject.session) })
const used: Body = ({ productId, usedKey }) => ({ productId, licenseKey: usedKey })
const customer: Body = ({ customerId }) => ({ customerId })
const packages = ({ packageId }: Subject) => ({ quantity: 1, packageIds: [packageId], duration: 1, unit: 'day' })

/** An app made for AuthTool, of a package that is served nowhere. */
const app: Body = () => ({ token: 'package-token', data: 'c2VhbGVk' })

/** A body for every route that takes one, which succeeds for an unused license and its owner. */
const BODIES: Partial<Record<RouteName, Body>> = {
  createKey: ({ productId }) => ({ productId }),
  updateKey: license,
  activateKey: host,
  deactivateKey: license,
  blockKey: license,
  unblockKey: license,
  signKey: host,
  checkout: (subject) => ({ ...seat(subject), hostId: `another-${SUBJECT_HOST}` }),
  heartbeat: proof,
  checkin: proof,
  createCustomer: () => ({ name: 'Ada' }),
  updateCustomer: (subject) => ({ ...customer(subject), name: 'Grace' }),
  toggleCustomer: customer,
  v1CreateKey: ({ productId }) => ({ productId }),
  v1ActivateKey: host,
  v1DeactivateKey: license,
  v1GetKey: license,
  v1BlockKey: license,
  v1UnblockKey: license,
  authtoolCreateSingle: packages,
  authtoolCreateMultiple: (subject) => ({ ...packages(subject), activateCount: 2, endDate: '2030-01-01' }),
  authtoolChangeStatus: () => ({ status: 1 }),
  authtoolClientPackage: app,
  authtoolClientCheck: app,
  authtoolClientLogin: app,
  authtoolApiClientPackage: app,
  authtoolApiClientCheck: app,
  authtoolApiClientLogin: app,
  validateKey: host,
  listDevices: used,
  freeDevice: (subject) => ({ ...used(subject), device: subject.device }),
  dropDeviceUser: (subject) => ({ ...used(subject), device: subject.device, user: subject.user }),
  listHostUsers: used,
  dropHostUser: (subject) => ({ ...used(subject), hostId: SUBJECT_HOST, key: subject.userKey }),
  startTrial: ({ productId, trialHost }) => ({ productId, hostId: trialHost }),
}

export interface NamedRoute {
  readonly name: RouteName
  readonly route: RouteDefinition
  /** For titles. */
  readonly title: string
}

/** Every route of the table. */
export const ALL_ROUTES: readonly NamedRoute[] = (Object.keys(ROUTES) as RouteName[]).map((name) => {
  const route: RouteDefinition = ROUTES[name]
  return { name, route, title: `${route.method} ${route.path}` }
})

export const AUTHENTICATED_ROUTES = ALL_ROUTES.filter(({ route }) => route.authentication !== 'none')
export const BODY_ROUTES = AUTHENTICATED_ROUTES.filter(({ route }) => route.input === 'body')
export const MUTATING_ROUTES = AUTHENTICATED_ROUTES.filter(({ route }) => route.mutates)

/** Fields of the query, for the routes that take theirs there. */
const QUERIES: Partial<Record<RouteName, (subject: Subject) => Record<string, string>>> = {
  getKey: ({ productId, licenseKey }) => ({ productId, licenseKey }),
  time: () => ({ nonce: 'nonce-of-the-request' }),
  listCustomers: () => ({}),
  getCustomer: ({ customerId }) => ({ customerId }),
  deleteCustomer: ({ customerId }) => ({ customerId }),
  listCustomerKeys: ({ customerId }) => ({ customerId }),
}

/** The request that succeeds for a route, as path and body. */
export function requestFor({ name, route }: NamedRoute, subject: Subject): { path: string; body?: object } {
  const path = route.path.replace('{key}', encodeURIComponent(subject.licenseKey))
  if (route.input === 'none') return { path }
  const query = QUERIES[name]?.(subject)
  if (query !== undefined) return { path: `${path}?${new URLSearchParams(query)}` }
  const body = BODIES[name]?.(subject)
  if (body === undefined) throw new Error(`requests.ts knows no input for the route ${name}`)
  return { path, body }
}

/** Sends the request that succeeds for a route, with what `request` changes of it. */
export function sendRoute(
  fixture: Fixture,
  route: NamedRoute,
  subject: Subject,
  request: WireRequest & { readonly path?: string | undefined } = {},
): Promise<WireAnswer> {
  const { path, body } = requestFor(route, subject)
  const { path: otherPath, ...rest } = request
  return send(fixture.url, route.route.method, otherPath ?? path, { ...(body && { body }), ...rest })
}

export function successStatus({ name }: NamedRoute): number {
  return ['authtoolCreateSingle', 'authtoolCreateMultiple', 'createCustomer'].includes(name) ? 201 : 200
}

/** The whole answer is an error in the shape of the route's family, with this wording. */
export function expectFamilyError({ route }: NamedRoute, answer: WireAnswer, status: number, message: unknown): void {
  expectAnswer(answer, status, route.family.startsWith('authtool') ? { message } : { message, code: 1 })
}

/** What each family says to a caller it does not know. */
export function unauthorizedMessage({ route }: NamedRoute, shown: 'nothing' | 'something'): string {
  if (route.family === 'authtool') return 'Invalid API key'
  return shown === 'nothing' && route.family !== 'keymint-v1' ? 'Missing Authorization header' : 'Invalid access token'
}
