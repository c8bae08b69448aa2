import { createHmac } from 'node:crypto'

/**
 * A client of KeyMint written from its published behaviour alone, as somebody else's program would be: `fetch` and the
 * documented fields, nothing of keyslot's.
 */

interface Customer {
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly active: boolean
  readonly createdAt: string
  readonly updatedAt: string
  readonly createdBy: string
}

export interface NewCustomer {
  readonly name: string
  readonly email?: string | null
}

export interface KeyTerms {
  readonly maxActivations?: number | string | null
  readonly expiryDate?: string | null
  readonly customerId?: string | null
  readonly newCustomer?: NewCustomer
  readonly metadata?: object | null
  readonly allowedHosts?: readonly string[] | null
  readonly versionId?: string | null
  readonly licenseType?: 'node-locked' | 'floating'
  readonly maxConcurrentSessions?: number | null
  readonly heartbeatInterval?: number
  readonly sessionLeaseDuration?: number
}

export interface CreateKey extends KeyTerms {
  readonly productId: string
  readonly format?: object
  readonly amountKeys?: number | string
}

export interface NamesKey {
  readonly productId: string
  readonly licenseKey: string
}

export interface Activate extends NamesKey {
  readonly hostId?: string | null
  readonly deviceTag?: string
  readonly licensee?: { readonly name?: string; readonly email?: string }
  readonly version?: string
}

interface Activated {
  readonly code: 0
  readonly message: string
  readonly licenseeName?: string
  readonly licenseeEmail?: string
  readonly metadata: object | null
  readonly versionId: string | null
  readonly version?: { readonly version: string }
  readonly allowedHosts: readonly string[] | null
  readonly hostId: string
  readonly licenseToken: string
}

interface KeyData {
  readonly id: string
  readonly key: string
  readonly productId: string
  readonly maxActivations: number
  readonly activations: number
  readonly activated: boolean
  readonly expirationDate: string | null
  readonly versionId: string | null
  readonly metadata: object | null
  readonly allowedHosts: readonly string[] | null
}

interface FoundKey {
  readonly license: KeyData & {
    readonly devices: readonly {
      readonly hostId: string
      readonly deviceTag?: string
      readonly ipAddress?: string
      readonly activationTime: string
    }[]
    readonly version: { readonly id: string; readonly version: string } | null
  }
  readonly customer?: Pick<Customer, 'id' | 'name' | 'email' | 'active'>
}

export interface Session {
  readonly code: 0
  readonly message: string
  readonly sessionId: string
  readonly sessionSecret: string
  readonly nextNonce: string
  readonly expiresAt: string
  readonly heartbeatInterval: number
  readonly metadata: object | null
  readonly currentSessions: number
  readonly maxSessions: number
  readonly licenseeName?: string
  readonly licenseeEmail?: string
}

interface LicenseFile {
  readonly licenseToken: string
  readonly signedKey: string
  readonly signedDate: string
  readonly keyId: string
  readonly publicKeyFingerprint: string
}

interface Ok {
  readonly code: 0
  readonly message: string
}

interface Action<Name extends string> {
  readonly action: Name
  readonly status: true
  readonly code: 0
}

/** What the server answers that is no success. */
export class KeyMintError extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    /** Seconds, where the server says. */
    readonly retryAfter: number | undefined,
  ) {
    super(message)
  }
}

export interface CallOptions {
  readonly idempotencyKey?: string
  /** Told whether the answer is that of an earlier call. */
  readonly onReplayed?: (replayed: boolean) => void
}

export class KeyMintClient {
  constructor(
    private readonly baseUrl: string,
    private readonly accessToken: string,
  ) {}

  createKey(input: CreateKey, options?: CallOptions) {
    return this.call<{ code: 0; key: string; keys?: string[] }>('POST', '/key', input, options)
  }
  getKey(input: NamesKey) {
    return this.query<{ code: 0; data: FoundKey }>('GET', '/key', { ...input })
  }
  updateKey(input: NamesKey & KeyTerms, options?: CallOptions) {
    return this.call<Ok & { affectedCount: number }>('PATCH', '/key', input, options)
  }
  activateKey(input: Activate, options?: CallOptions) {
    return this.call<Activated>('POST', '/key/activate', input, options)
  }
  deactivateKey(input: NamesKey & { readonly hostId?: string }, options?: CallOptions) {
    return this.call<Ok>('POST', '/key/deactivate', input, options)
  }
  blockKey(input: NamesKey, options?: CallOptions) {
    return this.call<Ok>('POST', '/key/block', input, options)
  }
  unblockKey(input: NamesKey, options?: CallOptions) {
    return this.call<Ok>('POST', '/key/unblock', input, options)
  }
  signKey(input: NamesKey & { readonly hostId: string; readonly ttl?: number }, options?: CallOptions) {
    return this.call<{ code: 0; file: LicenseFile }>('POST', '/key/sign', input, options)
  }
  checkout(
    input: NamesKey & { readonly hostId: string; readonly deviceTag?: string; readonly userIdentifier?: string },
    options?: CallOptions,
  ) {
    return this.call<Session>('POST', '/key/checkout', input, options)
  }
  heartbeat(key: NamesKey, session: Pick<Session, 'sessionId' | 'sessionSecret' | 'nextNonce'>, options?: CallOptions) {
    const input = { ...key, ...prove(session) }
    return this.call<Ok & { expiresAt: string; nextNonce: string }>('POST', '/key/heartbeat', input, options)
  }
  checkin(key: NamesKey, session: Pick<Session, 'sessionId' | 'sessionSecret' | 'nextNonce'>, options?: CallOptions) {
    return this.call<Ok>('POST', '/key/checkin', { ...key, ...prove(session) }, options)
  }

  createCustomer(input: NewCustomer, options?: CallOptions) {
    type Created = Action<'createCustomer'> & { message: string; data: Pick<Customer, 'id' | 'name' | 'email'> }
    return this.call<Created>('POST', '/customer', input, options)
  }
  listCustomers(input: { readonly page?: number; readonly limit?: number; readonly email?: string } = {}) {
    type Listed = Action<'getCustomers'> & {
      data: Customer[]
      meta: { total: number; page: number; limit: number; totalPages: number }
    }
    return this.query<Listed>('GET', '/customer', input)
  }
  getCustomer(customerId: string) {
    return this.query<Action<'getCustomerById'> & { data: [Customer] }>('GET', '/customer/by-id', { customerId })
  }
  updateCustomer(
    input: { readonly customerId: string; readonly active?: boolean } & Partial<NewCustomer>,
    options?: CallOptions,
  ) {
    type Updated = Action<'updateCustomer'> & { message: string; data: Customer }
    return this.call<Updated>('PUT', '/customer/by-id', input, options)
  }
  deleteCustomer(customerId: string, options?: CallOptions) {
    type Deleted = Action<'removeCustomer'> & { message: string }
    return this.query<Deleted>('DELETE', '/customer/by-id', { customerId }, options)
  }
  toggleCustomer(customerId: string, options?: CallOptions) {
    type Toggled = Action<'toggleActive'> & { message: string }
    return this.query<Toggled>('POST', '/customer/disable', { customerId }, options)
  }
  listCustomerKeys(customerId: string) {
    type Keys = Action<'getCustomerLicenseKeys'> & { data: KeyData[] }
    return this.query<Keys>('GET', '/customer/keys', { customerId })
  }

  private call<T>(method: string, path: string, body: object, options?: CallOptions): Promise<T> {
    return this.send(method, path, JSON.stringify(body), options)
  }

  private query<T>(method: string, path: string, fields: object, options?: CallOptions): Promise<T> {
    const query = new URLSearchParams(fields as Record<string, string>)
    return this.send(method, `${path}?${query}`, undefined, options)
  }

  private async send<T>(method: string, path: string, body: string | undefined, options: CallOptions = {}): Promise<T> {
    const { idempotencyKey, onReplayed } = options
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.accessToken}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...(idempotencyKey !== undefined && { 'Idempotency-Key': idempotencyKey }),
      },
      ...(body !== undefined && { body }),
    })
    onReplayed?.(response.headers.get('Idempotent-Replayed') === 'true')
    const answer = (await response.json()) as { readonly code: number; readonly message: string }
    if (response.ok && answer.code === 0) return answer as T
    const retryAfter = response.headers.get('Retry-After')
    throw new KeyMintError(
      response.status,
      answer.code,
      answer.message,
      retryAfter === null ? undefined : Number(retryAfter),
    )
  }
}

/** A session's holder shows that it knows the secret without sending it. */
function prove({ sessionId, sessionSecret, nextNonce }: Pick<Session, 'sessionId' | 'sessionSecret' | 'nextNonce'>) {
  const signature = createHmac('sha256', sessionSecret).update(`${sessionId}:${nextNonce}`).digest('hex')
  return { sessionId, timestamp: nextNonce, signature }
}
