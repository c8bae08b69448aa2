import { createHmac } from 'node:crypto'

/**
 * A client of KeyMint as its SDKs are since September 2026: the license key travels in a header, files are text, a customer's keys
 * are an array, and errors are read from `error`. `fetch` and the documented fields, nothing of keyslot's.
 */
export class NewerClient {
  constructor(
    private readonly baseUrl: string,
    private readonly accessToken: string,
  ) {}

  createKeys(input: { readonly productId: string; readonly amountKeys: number; readonly [field: string]: unknown }) {
    return this.send<{ key: string; keys: string[] }>('POST', '/key', input)
  }
  getKey({ productId, licenseKey }: NamesKey) {
    const query = new URLSearchParams({ productId })
    type Found = { data: { license: { key: string; activations: number; expirationDate: string | null } } }
    return this.send<Found>('GET', `/key?${query}`, undefined, { 'x-license-key': licenseKey })
  }
  async activateKey(input: NamesKey & { readonly hostId: string }) {
    const { metadata, expirationDate } = await this.send<Activated>('POST', '/key/activate', input)
    return { hostId: metadata.hostId, features: Object.keys(metadata.features), expirationDate }
  }
  deactivateKey(input: NamesKey & { readonly hostId?: string }) {
    return this.send<{ devicesRemoved: number }>('POST', '/key/deactivate', input)
  }
  /** The file is written as it comes. */
  async signKey(input: NamesKey & { readonly hostId: string; readonly ttl: number }): Promise<LicenseFile> {
    const { file } = await this.send<{ file: string }>('POST', '/key/sign', input)
    return JSON.parse(file)
  }
  checkout(input: NamesKey & { readonly hostId: string; readonly renews?: Session }) {
    const { renews, ...fields } = input
    return this.send<Session>('POST', '/key/checkout', { ...fields, ...(renews && prove(renews)) })
  }
  heartbeat(key: NamesKey, session: Session) {
    return this.send<Pick<Session, 'nextNonce'>>('POST', '/key/heartbeat', { ...key, ...prove(session) })
  }
  checkin(key: NamesKey, session: Session) {
    return this.send<object>('POST', '/key/checkin', { ...key, ...prove(session) })
  }
  createCustomer(input: { readonly name: string }) {
    return this.send<{ data: { id: string } }>('POST', '/customer', input)
  }
  async listCustomerKeys(customerId: string): Promise<string[]> {
    const keys = await this.send<{ key: string }[]>('GET', `/customer/keys?${new URLSearchParams({ customerId })}`)
    return keys.map(({ key }) => key)
  }
  toggleCustomer(customerId: string) {
    const query = new URLSearchParams({ customerId })
    return this.send<{ customerName: string; active: boolean }>('POST', `/customer/disable?${query}`)
  }

  private async send<T>(method: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<T> {
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        Authorization: `Bearer ${this.accessToken}`,
        ...(body && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const answer: unknown = await response.json()
    if (response.ok) return answer as T
    const { success, error } = answer as Refused
    throw new NewerError(response.status, success, error.code, error.message)
  }
}

class NewerError extends Error {
  constructor(
    readonly status: number,
    readonly success: boolean,
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

interface Refused {
  readonly success: false
  readonly error: { readonly code: string; readonly message: string }
}

interface NamesKey {
  readonly productId: string
  readonly licenseKey: string
}

interface Activated {
  readonly metadata: { readonly hostId: string; readonly features: Readonly<Record<string, unknown>> }
  readonly expirationDate: string | null
}

interface LicenseFile {
  readonly licenseToken: string
  readonly signedKey: string
  readonly signedDate: string
  readonly keyId: string
  readonly publicKeyFingerprint: string
}

interface Session {
  readonly sessionId: string
  readonly sessionSecret: string
  readonly nextNonce: string
  readonly expirationDate: string | null
}

function prove({ sessionId, sessionSecret, nextNonce }: Session) {
  const signature = createHmac('sha256', sessionSecret).update(`${sessionId}:${nextNonce}`).digest('hex')
  return { sessionId, timestamp: nextNonce, signature }
}
