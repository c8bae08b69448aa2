import type { Exchange } from '../exchange'
import type { Shape } from '../shape'

/** In what KeyMint's clients differ from each other. */
export interface Spelling {
  readonly wire: 'before' | '2026-09'
  /** Sent beside the token; some send it without a body, too. */
  readonly contentType: 'always' | 'with-body'
  /** What an activation without a host says of it. */
  readonly noHost: 'absent' | 'null'
  /** Where the customer is named whose status is toggled; Python before 2.5 names none, which cannot work. */
  readonly toggles: 'query' | 'query-with-body' | 'body' | 'never'
  /** Go before September 2026 expects customers' keys in an object that no answer had. */
  readonly listsKeys: boolean
  /** Whether its calls take an idempotency key. */
  readonly idempotent: boolean
}

const LICENSE = {
  id: '<text>',
  key: '{key}',
  productId: '{productId}',
  maxActivations: '<number>',
  activations: '<number>',
  activated: '<flag>',
  expirationDate: '<instant or null>',
  versionId: '<text or null>',
  metadata: '<object or null>',
} as const
const CUSTOMER = {
  id: '{customerId}',
  name: '<text>',
  email: '<text>',
  active: '<flag>',
  createdAt: '<instant>',
  updatedAt: '<instant>',
  createdBy: '<text>',
} as const
const FILE = {
  licenseToken: '<text>',
  signedKey: '{key}',
  signedDate: '<instant>',
  keyId: '<text>',
  publicKeyFingerprint: '<text>',
} as const
const SESSION = {
  code: 0,
  message: '<text>',
  sessionId: '<text>',
  sessionSecret: '<text>',
  nextNonce: '<text>',
  expiresAt: '<instant>',
  heartbeatInterval: '<number>',
  metadata: '<object or null>',
  currentSessions: '<number>',
  maxSessions: '<number>',
} as const
const DONE = { code: 0, message: '<text>' } as const
const NAMED = { productId: '{productId}', licenseKey: '{key}' } as const

/** A life of keys, of a seat and of a customer, as a client of that spelling sends it. */
export function life(spelling: Spelling): Exchange[] {
  const ask = asking(spelling)
  return [...keys(spelling, ask), ...seats(spelling, ask), ...customers(spelling, ask), ...refusals(spelling, ask)]
}

type Ask = ReturnType<typeof asking>

/** Makes exchanges that succeed with 200, with the headers of the client. */
function asking({ contentType }: Spelling) {
  return (
    call: string,
    request: `${Exchange['method']} /${string}`,
    rest: Partial<Exchange> & { answer: Shape },
  ): Exchange => {
    const [method, path] = request.split(' ') as [Exchange['method'], string]
    const hasType = contentType === 'always' || rest.body !== undefined
    return {
      call,
      method,
      path,
      status: 200,
      ...rest,
      headers: {
        Authorization: 'Bearer {secret}',
        ...(hasType && { 'Content-Type': 'application/json' }),
        ...rest.headers,
      },
    }
  }
}

function keys({ wire, noHost, idempotent }: Spelling, ask: Ask): Exchange[] {
  const isNewer = wire === '2026-09'
  const newCustomer = { name: 'Ada', email: 'ada@example.com' }
  const activated = {
    code: 0,
    message: 'License valid',
    licenseeName: 'Ada',
    licenseeEmail: 'ada@example.com',
    metadata: isNewer ? { hostId: '<text>', features: '<object>', seat: 'A' } : { seat: 'A' },
    versionId: '{versionId}',
    version: { version: '2.0' },
    'allowedHosts?': null,
    ...(isNewer && { expirationDate: '<instant or null>' }),
  }
  const removed = (message: string) => ({ code: 0, message, ...(isNewer && { devicesRemoved: 1 }) })
  return [
    ask('createKey', 'POST /key', {
      body: {
        productId: '{productId}',
        maxActivations: '3',
        metadata: { seat: 'A' },
        newCustomer,
        versionId: '{versionId}',
      },
      answer: { code: 0, key: '<text>' },
      keep: { key: 'key' },
    }),
    ask('createKey, two at once', 'POST /key', {
      body: { productId: '{productId}', amountKeys: '2', expiryDate: '2030-01-01' },
      answer: { code: 0, key: '<text>', ...(isNewer && { keys: ['<text>'] }) },
    }),
    ...(idempotent ? paidTwice(ask) : []),
    getKey(wire, ask),
    ask('updateKey', 'PATCH /key', {
      body: { ...NAMED, maxActivations: '5' },
      answer: { code: 0, message: 'Key updated', affectedCount: 1 },
    }),
    ask('activateKey', 'POST /key/activate', {
      body: { ...NAMED, hostId: 'host-1', deviceTag: 'desk', version: '2.0' },
      answer: activated,
    }),
    ask('activateKey, without a host', 'POST /key/activate', {
      body: { ...NAMED, ...(noHost === 'null' && { hostId: null }) },
      answer: activated,
    }),
    getKey(wire, ask, [
      { hostId: '<text>', 'deviceTag?': '<text>', 'ipAddress?': '<text>', activationTime: '<instant>' },
    ]),
    ask('signKey', 'POST /key/sign', {
      body: { ...NAMED, hostId: 'host-2', ttl: 3600 },
      answer: isNewer ? { file: { '<json>': FILE } } : { code: 0, file: FILE },
    }),
    ask('deactivateKey', 'POST /key/deactivate', {
      body: { ...NAMED, hostId: 'host-1' },
      answer: removed('Device deactivated'),
    }),
    ask('deactivateKey, of all devices', 'POST /key/deactivate', {
      body: NAMED,
      answer: { ...removed('All devices deactivated'), ...(isNewer && { devicesRemoved: 2 }) },
    }),
    ask('blockKey', 'POST /key/block', { body: NAMED, answer: { code: 0, message: 'Key blocked' } }),
    ask('activateKey, of a blocked key', 'POST /key/activate', {
      body: { ...NAMED, hostId: 'host-1' },
      status: 403,
      answer: refusal(wire, 2, 'License not activated'),
    }),
    ask('unblockKey', 'POST /key/unblock', { body: NAMED, answer: { code: 0, message: 'Key unblocked' } }),
  ]
}

/** The same request twice, as after a time-out: one key. */
function paidTwice(ask: Ask): Exchange[] {
  const paid = (key: string) =>
    ask('createKey, with an idempotency key', 'POST /key', {
      headers: { 'Idempotency-Key': 'payment-4711' },
      body: { productId: '{productId}' },
      answer: { code: 0, key },
      keep: { paidKey: 'key' },
    })
  return [paid('<text>'), paid('{paidKey}')]
}

function getKey(wire: Spelling['wire'], ask: Ask, devices?: Shape): Exchange {
  const version = { id: '{versionId}', version: '2.0', description: '<text or null>', active: '<flag>' }
  const answer: Shape = {
    code: 0,
    data: {
      license: { ...LICENSE, version, 'allowedHosts?': null, ...(devices !== undefined && { devices }) },
      customer: { id: '<text>', name: 'Ada', email: 'ada@example.com', active: true },
    },
  }
  if (wire === 'before') return ask('getKey', 'GET /key?productId={productId}&licenseKey={key}', { answer })
  return ask('getKey', 'GET /key?productId={productId}', { headers: { 'x-license-key': '{key}' }, answer })
}

function seats({ wire }: Spelling, ask: Ask): Exchange[] {
  const seat = { productId: '{productId}', licenseKey: '{floatingKey}' }
  const session = { sessionId: 'sessionId', sessionSecret: 'sessionSecret', nextNonce: 'nextNonce' }
  const proof = { timestamp: '{nextNonce}', signature: '{signature}' }
  return [
    ask('createKey, floating', 'POST /key', {
      body: { productId: '{productId}', licenseType: 'floating', maxConcurrentSessions: 2, sessionLeaseDuration: 300 },
      answer: { code: 0, key: '<text>' },
      keep: { floatingKey: 'key' },
    }),
    ask('floatingCheckout', 'POST /key/checkout', {
      body: { ...seat, hostId: 'host-1', deviceTag: 'desk', userIdentifier: 'ada' },
      answer: SESSION,
      keep: session,
    }),
    ...(wire === 'before'
      ? []
      : [
          ask('floatingCheckout, renewing', 'POST /key/checkout', {
            body: { ...seat, hostId: 'host-1', deviceTag: 'desk', userIdentifier: 'ada', ...proof },
            answer: { ...SESSION, sessionId: '{sessionId}' },
            keep: session,
          }),
        ]),
    ask('floatingHeartbeat', 'POST /key/heartbeat', {
      body: { ...seat, sessionId: '{sessionId}', ...proof },
      answer: { ...DONE, expiresAt: '<instant>', nextNonce: '<text>' },
      keep: { nextNonce: 'nextNonce' },
    }),
    ask('floatingCheckin', 'POST /key/checkin', {
      body: { ...seat, sessionId: '{sessionId}', ...proof },
      answer: DONE,
    }),
  ]
}

function customers({ wire, toggles, listsKeys }: Spelling, ask: Ask): Exchange[] {
  const isNewer = wire === '2026-09'
  const toggled = (message: string) => ({
    action: 'toggleActive',
    status: true,
    message,
    code: 0,
    ...(isNewer && { customerName: '<text>', active: '<flag>' }),
  })
  const disable = (message: string): Exchange[] => {
    const answer = toggled(message)
    const query = 'POST /customer/disable?customerId={customerId}'
    switch (toggles) {
      case 'query':
        return [ask('toggleCustomerStatus', query, { answer })]
      case 'query-with-body':
        return [ask('toggleCustomerStatus', query, { body: {}, answer })]
      case 'body':
        return [ask('toggleCustomerStatus', 'POST /customer/disable', { body: { customerId: '{customerId}' }, answer })]
      case 'never':
        return []
    }
  }
  const owned = { ...LICENSE, key: '<text>', 'allowedHosts?': null }
  return [
    ask('createCustomer', 'POST /customer', {
      body: { name: 'Grace', email: 'grace@example.com' },
      status: 201,
      answer: {
        action: 'createCustomer',
        status: true,
        message: '<text>',
        data: { id: '<text>', name: 'Grace', email: 'grace@example.com' },
        code: 0,
      },
      keep: { customerId: 'data.id' },
    }),
    ask('getAllCustomers', 'GET /customer?page=1&limit=10&email=grace%40example.com', {
      answer: {
        action: 'getCustomers',
        status: true,
        data: [CUSTOMER],
        meta: { total: 1, page: 1, limit: 10, totalPages: 1 },
        code: 0,
      },
    }),
    ask('getCustomerById', 'GET /customer/by-id?customerId={customerId}', {
      answer: { action: 'getCustomerById', status: true, data: [CUSTOMER], code: 0 },
    }),
    ask('updateCustomer', 'PUT /customer/by-id', {
      body: { customerId: '{customerId}', name: 'Grace H.' },
      answer: {
        action: 'updateCustomer',
        status: true,
        message: '<text>',
        data: { ...CUSTOMER, name: 'Grace H.' },
        code: 0,
      },
    }),
    ask('updateKey, to the customer', 'PATCH /key', {
      body: { ...NAMED, customerId: '{customerId}' },
      answer: { code: 0, message: 'Key updated', affectedCount: 1 },
    }),
    ...(listsKeys
      ? [
          ask('getCustomerWithKeys', 'GET /customer/keys?customerId={customerId}', {
            answer: isNewer ? [owned] : { action: 'getCustomerLicenseKeys', status: true, data: [owned], code: 0 },
          }),
        ]
      : []),
    ...disable('Customer disabled'),
    ...disable('Customer enabled'),
    ask('deleteCustomer', 'DELETE /customer/by-id?customerId={customerId}', {
      answer: { action: 'removeCustomer', status: true, message: '<text>', code: 0 },
    }),
  ]
}

function refusals({ wire }: Spelling, ask: Ask): Exchange[] {
  const unknown = { productId: '{productId}', licenseKey: '{unknownKey}' }
  return [
    ask('activateKey, without a key', 'POST /key/activate', {
      body: { productId: '{productId}' },
      status: 400,
      answer: refusal(wire, 1, 'Missing required params'),
    }),
    ask('activateKey, of an unknown key', 'POST /key/activate', {
      body: { ...unknown, hostId: 'host-1' },
      status: 404,
      answer: refusal(wire, 1, 'Invalid license key'),
    }),
    ask('createCustomer, of a taken email', 'POST /customer', {
      body: { name: 'Ada', email: 'ADA@example.com' },
      status: 409,
      answer: refusal(wire, 1, 'Customer with this email already exists'),
    }),
    ask('blockKey, with a wrong token', 'POST /key/block', {
      headers: { Authorization: 'Bearer at_nobody' },
      body: unknown,
      status: 401,
      // Nobody knows which form a stranger wants.
      answer: refusal('before', 1, 'Invalid access token'),
    }),
  ]
}

/** Clients of both forms read `message` at the top. */
function refusal(wire: Spelling['wire'], code: number, message: string): Shape {
  if (wire === 'before') return { code, message }
  return { success: false, error: { code: '<text>', message }, code, message }
}
