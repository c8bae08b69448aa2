/** What an access token may do. */
export const SCOPES = [
  'licenses:read',
  'licenses:write',
  'licenses:activate',
  'licenses:block',
  'licenses:sign',
  'customers:read',
  'customers:write',
  'customers:delete',
] as const

export type Scope = (typeof SCOPES)[number]

/** The wire families: KeyMint, its first version, AuthTool, and keyslot's own routes. */
export type WireFamily = 'keymint' | 'keymint-v1' | 'authtool' | 'keyslot'

/** How a caller shows who it is: `Authorization: Bearer`, `X-API-Key`, or not at all. */
export type Authentication = 'bearer' | 'api-key' | 'none'

export interface RouteDefinition {
  readonly family: WireFamily
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path below the mount point, parameters written `{name}` as in OpenAPI. */
  readonly path: string
  readonly authentication: Authentication
  /** All of these are needed. */
  readonly scopes: readonly Scope[]
  /** Where the input is: `either` takes the query, and a body over it. */
  readonly input: 'none' | 'query' | 'body' | 'either'
  /** True where the route changes something, and so takes an `Idempotency-Key`. */
  readonly mutates: boolean
  /** True where the route acts for a host, which shows in the `DPoP` header that it holds the key it is bound to. */
  readonly proves: boolean
}

/** They change nothing although they are sent as `POST`. */
const QUESTIONS = ['/key/validate', '/key/devices', '/get-key']

const PROVING = ['/key/activate', '/activate-key', '/key/deactivate', '/deactivate-key', '/key/validate', '/key/trial']

function route(
  family: WireFamily,
  method: RouteDefinition['method'],
  path: string,
  ...scopes: Scope[]
): RouteDefinition & { readonly family: typeof family } {
  return {
    family,
    method,
    path,
    authentication: scopes.length === 0 ? 'none' : family === 'authtool' ? 'api-key' : 'bearer',
    scopes,
    input: inputOf(method, path),
    mutates: method !== 'GET' && !QUESTIONS.includes(path),
    proves: PROVING.includes(path),
  }
}

function inputOf(method: RouteDefinition['method'], path: string): RouteDefinition['input'] {
  if (path.endsWith('/customer/disable')) return 'either'
  if (method === 'GET' || method === 'DELETE') return path.startsWith('/customer') || path === '/key' ? 'query' : 'none'
  return path.endsWith('/reset') ? 'none' : 'body'
}

/** Every route, once: what is mounted, who may call it. Validation, authorisation and tests all read this table. */
export const ROUTES = {
  createKey: route('keymint', 'POST', '/key', 'licenses:write'),
  getKey: route('keymint', 'GET', '/key', 'licenses:read'),
  updateKey: route('keymint', 'PATCH', '/key', 'licenses:write'),
  activateKey: route('keymint', 'POST', '/key/activate', 'licenses:activate'),
  deactivateKey: route('keymint', 'POST', '/key/deactivate', 'licenses:activate'),
  blockKey: route('keymint', 'POST', '/key/block', 'licenses:block'),
  unblockKey: route('keymint', 'POST', '/key/unblock', 'licenses:block'),
  signKey: route('keymint', 'POST', '/key/sign', 'licenses:sign'),
  checkout: route('keymint', 'POST', '/key/checkout', 'licenses:activate'),
  heartbeat: route('keymint', 'POST', '/key/heartbeat', 'licenses:activate'),
  checkin: route('keymint', 'POST', '/key/checkin', 'licenses:activate'),
  createCustomer: route('keymint', 'POST', '/customer', 'customers:write'),
  listCustomers: route('keymint', 'GET', '/customer', 'customers:read'),
  getCustomer: route('keymint', 'GET', '/customer/by-id', 'customers:read'),
  updateCustomer: route('keymint', 'PUT', '/customer/by-id', 'customers:write'),
  deleteCustomer: route('keymint', 'DELETE', '/customer/by-id', 'customers:delete'),
  toggleCustomer: route('keymint', 'POST', '/customer/disable', 'customers:write'),
  listCustomerKeys: route('keymint', 'GET', '/customer/keys', 'customers:read', 'licenses:read'),

  v1CreateKey: route('keymint-v1', 'POST', '/create-key', 'licenses:write'),
  v1ActivateKey: route('keymint-v1', 'POST', '/activate-key', 'licenses:activate'),
  v1DeactivateKey: route('keymint-v1', 'POST', '/deactivate-key', 'licenses:activate'),
  v1GetKey: route('keymint-v1', 'POST', '/get-key', 'licenses:read'),
  v1BlockKey: route('keymint-v1', 'POST', '/block-key', 'licenses:block'),
  v1UnblockKey: route('keymint-v1', 'POST', '/unblock-key', 'licenses:block'),

  authtoolCreateSingle: route('authtool', 'POST', '/public/v1/key/single-activate', 'licenses:write'),
  authtoolCreateMultiple: route('authtool', 'POST', '/public/v1/key/multiple-activate', 'licenses:write'),
  authtoolReset: route('authtool', 'PATCH', '/public/v1/key/{key}/reset', 'licenses:write'),
  authtoolDetail: route('authtool', 'GET', '/public/v1/key/{key}/detail', 'licenses:read'),
  authtoolGet: route('authtool', 'GET', '/public/v1/key/{key}', 'licenses:read'),
  authtoolChangeStatus: route('authtool', 'PATCH', '/public/v1/key/{key}/change-status', 'licenses:block'),
  authtoolDelete: route('authtool', 'DELETE', '/public/v1/key/{key}', 'licenses:write'),

  validateKey: route('keyslot', 'POST', '/key/validate', 'licenses:activate'),
  listDevices: route('keyslot', 'POST', '/key/devices', 'licenses:activate'),
  freeDevice: route('keyslot', 'POST', '/key/devices/free', 'licenses:activate'),
  startTrial: route('keyslot', 'POST', '/key/trial', 'licenses:activate'),
  jwks: route('keyslot', 'GET', '/.well-known/jwks.json'),
  revocations: route('keyslot', 'GET', '/.well-known/revocations.jws'),
  productRevocations: route('keyslot', 'GET', '/.well-known/revocations/{productId}.jws'),
  openapi: route('keyslot', 'GET', '/openapi.json'),
  apiPage: route('keyslot', 'GET', '/docs'),
  apiPageFile: route('keyslot', 'GET', '/docs/{file}'),
  healthz: route('keyslot', 'GET', '/healthz'),
} as const satisfies Record<string, RouteDefinition>

/** Names a route of {@link ROUTES}. */
export type RouteName = keyof typeof ROUTES
