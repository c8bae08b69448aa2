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

/** The wire families: KeyMint, its first version, AuthTool, AuthTool's client API, and keyslot's own routes. */
export type WireFamily = 'keymint' | 'keymint-v1' | 'authtool' | 'authtool-client' | 'keyslot'

/** How a caller shows who it is: `Authorization: Bearer`, `X-API-Key`, or not at all. */
export type Authentication = 'bearer' | 'api-key' | 'none'

/** A line of the table of routes. */
export interface RouteDefinition extends RouteKind {
  readonly family: WireFamily
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path below the mount point, parameters written `{name}` as in OpenAPI. */
  readonly path: string
  /** All of these are needed. */
  readonly scopes: readonly Scope[]
}

/** What routes have in common that act alike. */
interface RouteKind {
  readonly authentication: Authentication
  /** Where the input is: `either` takes the query, and a body over it. */
  readonly input: 'none' | 'query' | 'body' | 'either'
  /**
   * What the access token's product list is held against: the product that the input names, before anything is looked up,
   * and, where the route is about a license as a whole, all of its products; the products that are found; or nothing, where
   * the route is about none.
   */
  readonly products: 'named' | 'found' | 'any'
  /** Where the license key is that the request counts for: for the limits on guessing, and on requests per key. */
  readonly licenseKey: 'input' | 'path' | 'none'
  /** True where the license key may be in a header instead. */
  readonly takesKeyInHeader?: true
  /** True where the key may also be meant by a text that is none: see `findPastedKey`. */
  readonly takesPastedKeys?: true
  /** True where the route binds keys to hosts, and so looks at the recovery key too. */
  readonly bindsKeys?: true
  /** True where the route changes something, and so takes an `Idempotency-Key`. */
  readonly mutates: boolean
  /** What the limits on what strangers have kept make of the route, where that is not any change. To give something up is refused to nobody. */
  readonly keeps?: 'nothing' | 'trial'
  /** True where the route acts for a host, which shows in the `DPoP` header that it holds the key it is bound to. */
  readonly proves: boolean
}

const OPEN = {
  authentication: 'none',
  input: 'none',
  products: 'any',
  licenseKey: 'none',
  mutates: false,
  proves: false,
} as const satisfies RouteKind

/** Its apps show who they are by a token in the body, and send no `Idempotency-Key`: to log in again changes nothing. */
const SERVES_AUTHTOOL_APPS = { ...OPEN, input: 'body' } as const satisfies RouteKind

const ASKS_OF_LICENSE = {
  authentication: 'bearer',
  input: 'body',
  products: 'named',
  licenseKey: 'input',
  mutates: false,
  proves: false,
} as const satisfies RouteKind

const CHANGES_LICENSE = { ...ASKS_OF_LICENSE, mutates: true } as const satisfies RouteKind

const ACTS_FOR_HOST = { ...CHANGES_LICENSE, proves: true } as const satisfies RouteKind
const GIVES_UP_FOR_HOST = { ...ACTS_FOR_HOST, keeps: 'nothing' } as const satisfies RouteKind
const TAKES_SEAT = { ...ACTS_FOR_HOST, takesPastedKeys: true } as const satisfies RouteKind
const TAKES_SLOT = { ...TAKES_SEAT, bindsKeys: true } as const satisfies RouteKind

const MAKES_LICENSE = { ...CHANGES_LICENSE, licenseKey: 'none' } as const satisfies RouteKind

const ASKS_OF_CUSTOMERS = {
  authentication: 'bearer',
  input: 'query',
  products: 'found',
  licenseKey: 'none',
  mutates: false,
  proves: false,
} as const satisfies RouteKind

const CHANGES_CUSTOMER = { ...ASKS_OF_CUSTOMERS, input: 'body', mutates: true } as const satisfies RouteKind

const ASKS_OF_KEY_IN_PATH = {
  authentication: 'api-key',
  input: 'none',
  products: 'found',
  licenseKey: 'path',
  mutates: false,
  proves: false,
} as const satisfies RouteKind

const CHANGES_KEY_IN_PATH = { ...ASKS_OF_KEY_IN_PATH, mutates: true } as const satisfies RouteKind

const MAKES_PACKAGE_KEYS = { ...CHANGES_KEY_IN_PATH, input: 'body', licenseKey: 'none' } as const satisfies RouteKind

function route<Family extends WireFamily, Kind extends RouteKind>(
  family: Family,
  method: RouteDefinition['method'],
  path: string,
  scopes: readonly Scope[],
  kind: Kind,
) {
  return { family, method, path, scopes, ...kind }
}

/** AuthTool's two documents of it have different paths, and apps were made by either. */
function authtoolClientRoute(path: string) {
  return route('authtool-client', 'POST', path, [], SERVES_AUTHTOOL_APPS)
}

/** Every route, once: what is mounted, who may call it. Validation, authorisation and tests all read this table. */
export const ROUTES = {
  createKey: route('keymint', 'POST', '/key', ['licenses:write'], MAKES_LICENSE),
  getKey: route('keymint', 'GET', '/key', ['licenses:read'], {
    ...ASKS_OF_LICENSE,
    input: 'query',
    takesKeyInHeader: true,
  }),
  updateKey: route('keymint', 'PATCH', '/key', ['licenses:write'], CHANGES_LICENSE),
  activateKey: route('keymint', 'POST', '/key/activate', ['licenses:activate'], TAKES_SLOT),
  deactivateKey: route('keymint', 'POST', '/key/deactivate', ['licenses:activate'], GIVES_UP_FOR_HOST),
  blockKey: route('keymint', 'POST', '/key/block', ['licenses:block'], CHANGES_LICENSE),
  unblockKey: route('keymint', 'POST', '/key/unblock', ['licenses:block'], CHANGES_LICENSE),
  signKey: route('keymint', 'POST', '/key/sign', ['licenses:sign'], CHANGES_LICENSE),
  checkout: route('keymint', 'POST', '/key/checkout', ['licenses:activate'], TAKES_SEAT),
  heartbeat: route('keymint', 'POST', '/key/heartbeat', ['licenses:activate'], CHANGES_LICENSE),
  checkin: route('keymint', 'POST', '/key/checkin', ['licenses:activate'], { ...CHANGES_LICENSE, keeps: 'nothing' }),
  createCustomer: route('keymint', 'POST', '/customer', ['customers:write'], {
    ...CHANGES_CUSTOMER,
    products: 'any',
  }),
  listCustomers: route('keymint', 'GET', '/customer', ['customers:read'], ASKS_OF_CUSTOMERS),
  getCustomer: route('keymint', 'GET', '/customer/by-id', ['customers:read'], ASKS_OF_CUSTOMERS),
  updateCustomer: route('keymint', 'PUT', '/customer/by-id', ['customers:write'], CHANGES_CUSTOMER),
  deleteCustomer: route('keymint', 'DELETE', '/customer/by-id', ['customers:delete'], {
    ...CHANGES_CUSTOMER,
    input: 'query',
  }),
  toggleCustomer: route('keymint', 'POST', '/customer/disable', ['customers:write'], {
    ...CHANGES_CUSTOMER,
    input: 'either',
  }),
  listCustomerKeys: route('keymint', 'GET', '/customer/keys', ['customers:read', 'licenses:read'], ASKS_OF_CUSTOMERS),

  v1CreateKey: route('keymint-v1', 'POST', '/create-key', ['licenses:write'], MAKES_LICENSE),
  v1ActivateKey: route('keymint-v1', 'POST', '/activate-key', ['licenses:activate'], TAKES_SLOT),
  v1DeactivateKey: route('keymint-v1', 'POST', '/deactivate-key', ['licenses:activate'], GIVES_UP_FOR_HOST),
  v1GetKey: route('keymint-v1', 'POST', '/get-key', ['licenses:read'], ASKS_OF_LICENSE),
  v1BlockKey: route('keymint-v1', 'POST', '/block-key', ['licenses:block'], CHANGES_LICENSE),
  v1UnblockKey: route('keymint-v1', 'POST', '/unblock-key', ['licenses:block'], CHANGES_LICENSE),

  authtoolCreateSingle: route(
    'authtool',
    'POST',
    '/public/v1/key/single-activate',
    ['licenses:write'],
    MAKES_PACKAGE_KEYS,
  ),
  authtoolCreateMultiple: route(
    'authtool',
    'POST',
    '/public/v1/key/multiple-activate',
    ['licenses:write'],
    MAKES_PACKAGE_KEYS,
  ),
  authtoolReset: route('authtool', 'PATCH', '/public/v1/key/{key}/reset', ['licenses:write'], CHANGES_KEY_IN_PATH),
  authtoolDetail: route('authtool', 'GET', '/public/v1/key/{key}/detail', ['licenses:read'], ASKS_OF_KEY_IN_PATH),
  authtoolGet: route('authtool', 'GET', '/public/v1/key/{key}', ['licenses:read'], ASKS_OF_KEY_IN_PATH),
  authtoolChangeStatus: route('authtool', 'PATCH', '/public/v1/key/{key}/change-status', ['licenses:block'], {
    ...CHANGES_KEY_IN_PATH,
    input: 'body',
  }),
  authtoolDelete: route('authtool', 'DELETE', '/public/v1/key/{key}', ['licenses:write'], CHANGES_KEY_IN_PATH),

  authtoolClientPackage: authtoolClientRoute('/public/v1/client/package'),
  authtoolClientCheck: authtoolClientRoute('/public/v1/client/check'),
  authtoolClientLogin: authtoolClientRoute('/public/v1/client/login'),
  authtoolApiClientPackage: authtoolClientRoute('/api/public/v1/client/package'),
  authtoolApiClientCheck: authtoolClientRoute('/api/public/v1/client/check'),
  authtoolApiClientLogin: authtoolClientRoute('/api/public/v1/client/login'),

  validateKey: route('keyslot', 'POST', '/key/validate', ['licenses:activate'], {
    ...ASKS_OF_LICENSE,
    proves: true,
    takesPastedKeys: true,
  }),
  listDevices: route('keyslot', 'POST', '/key/devices', ['licenses:activate'], { ...ASKS_OF_LICENSE, proves: true }),
  freeDevice: route('keyslot', 'POST', '/key/devices/free', ['licenses:activate'], GIVES_UP_FOR_HOST),
  dropDeviceUser: route('keyslot', 'POST', '/key/devices/drop-user', ['licenses:activate'], GIVES_UP_FOR_HOST),
  listHostUsers: route('keyslot', 'POST', '/key/users', ['licenses:read'], ASKS_OF_LICENSE),
  dropHostUser: route('keyslot', 'POST', '/key/users/drop', ['licenses:block'], CHANGES_LICENSE),
  startTrial: route('keyslot', 'POST', '/key/trial', ['licenses:activate'], {
    ...MAKES_LICENSE,
    proves: true,
    bindsKeys: true,
    keeps: 'trial',
  }),
  jwks: route('keyslot', 'GET', '/.well-known/jwks.json', [], OPEN),
  time: route('keyslot', 'GET', '/.well-known/time', [], { ...OPEN, input: 'query' }),
  revocations: route('keyslot', 'GET', '/.well-known/revocations.jws', [], OPEN),
  productRevocations: route('keyslot', 'GET', '/.well-known/revocations/{productId}.jws', [], OPEN),
  openapi: route('keyslot', 'GET', '/openapi.json', [], OPEN),
  apiPage: route('keyslot', 'GET', '/docs', [], OPEN),
  apiPageFile: route('keyslot', 'GET', '/docs/{file}', [], OPEN),
  healthz: route('keyslot', 'GET', '/healthz', [], OPEN),
} as const satisfies Record<string, RouteDefinition>

/** Names a route of {@link ROUTES}. */
export type RouteName = keyof typeof ROUTES
