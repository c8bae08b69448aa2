import { DEFAULT_ISSUER, type PublicJwk } from '../protocol'
import { assertAppName } from './files/data-dir'
import type { SecretStore } from './store/secret-store'
import { createTrustStore, type TrustStore } from './trust/trust-store'
import { createFetch, type Fetch } from './wire/fetch'
import { assertServerUrl } from './words/server-url'

/** What {@link createLicenseKit} takes. An unknown option is an error; `undefined` is the same as absent. */
export interface LicenseKitOptions {
  /** Where the licensing router is mounted, e.g. `https://example.com/licensing`. Plain `http:` only to loopback. */
  readonly serverUrl: string
  /** The product this app is. */
  readonly productId: string
  /** A publishable access token, `pk_…`. A secret token (`at_…`) is refused: whatever ships in an app is public. */
  readonly accessToken: string
  /**
   * The public keys this app trusts, pinned; at least one. What they vouch for in signed statements is trusted too;
   * nothing else that the network says adds to them.
   */
  readonly trustedKeys: readonly PublicJwk[]
  /**
   * The app's name: names its data folder and separates its hostIds from those of other vendors' apps. Changing it
   * later gives every host a new hostId. Letters, digits, space, `.`, `_`, `-`; 1 to 64 characters.
   */
  readonly appName: string
  /** This app's own folder for keyslot's files. Default: `keyslot` in the platform's data folder for `appName`. */
  readonly dataDir?: string | undefined
  /** The hostId to use as it is, 1 to 64 printable ASCII characters. Default: derived, see `kit.hostId()`. */
  readonly hostId?: string | undefined
  /** Claim `iss` that license tokens must carry. Default `keyslot`. */
  readonly issuer?: string | undefined
  /**
   * Sends requests in place of the global `fetch`, e.g. Electron's `net.fetch`, which knows the system's proxy. Proxies
   * are then its business, whatever `proxy` and the environment say.
   */
  readonly fetch?: Fetch | undefined
  /**
   * The proxy for every request, an `http:` or `https:` URL, with name and password where it wants them; false for
   * none. Default: what `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say. Loopback is never proxied.
   */
  readonly proxy?: string | false | undefined
  /**
   * Seals what the cache file says of an activation, e.g. with Electron's `safeStorage`. Default: none, the file is
   * readable for this user alone. See {@link SecretStore} for what happens where it does not work.
   */
  readonly secretStore?: SecretStore | undefined
  /** The clock. Default `() => new Date()`. */
  readonly now?: (() => Date) | undefined
  /** Longest wait for one answer, in milliseconds. Default 5000 (5 seconds). */
  readonly tryTimeoutMs?: number | undefined
  /** Longest wait of `activate()` or `refresh()` for the server, all tries together, in milliseconds. Default 15000. */
  readonly totalTimeoutMs?: number | undefined
  /** How often a request is tried on network errors, 429, 5xx. Default 3. */
  readonly maxTries?: number | undefined
  /** Longest duration of `deactivate()`, and of a floating session's `checkin()`, in milliseconds. Default 3000. */
  readonly deactivateTimeoutMs?: number | undefined
  /**
   * Allows plain `http:` to hosts other than loopback. License keys then travel in the clear and anyone on the way can
   * answer "revoked".
   * @deprecated to make it stand out as something you should not use
   */
  readonly dangerouslyAllowPlainHttp?: boolean | undefined
}

/** Options once checked and completed. */
export interface Config {
  readonly serverUrl: string
  readonly productId: string
  readonly accessToken: string
  readonly trustStore: TrustStore
  readonly appName: string
  readonly dataDir: string | undefined
  readonly hostId: string | undefined
  readonly issuer: string
  readonly fetch: Fetch
  readonly secretStore: SecretStore | undefined
  readonly now: () => Date
  readonly tryTimeoutMs: number
  readonly totalTimeoutMs: number
  readonly maxTries: number
  readonly deactivateTimeoutMs: number
  readonly allowPlainHttp: boolean
}

export const DEFAULTS = {
  issuer: DEFAULT_ISSUER,
  tryTimeoutMs: 5_000,
  totalTimeoutMs: 15_000,
  maxTries: 3,
  deactivateTimeoutMs: 3_000,
} as const

/** Through the environment's proxies, where it names any. */
export const systemFetch = createFetch()
export const systemNow = (): Date => new Date()

/** The compiler keeps this list complete. */
const KNOWN_OPTIONS: Record<keyof LicenseKitOptions, true> = {
  serverUrl: true,
  productId: true,
  accessToken: true,
  trustedKeys: true,
  appName: true,
  dataDir: true,
  hostId: true,
  issuer: true,
  fetch: true,
  proxy: true,
  secretStore: true,
  now: true,
  tryTimeoutMs: true,
  totalTimeoutMs: true,
  maxTries: true,
  deactivateTimeoutMs: true,
  dangerouslyAllowPlainHttp: true,
}

const PRINTABLE_ASCII = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/**
 * @throws {TypeError} for an unknown or malformed option
 * @throws {LicenseError} INSECURE_SERVER_URL for plain http to a host other than loopback
 */
export function parseOptions(options: LicenseKitOptions): Config {
  if (typeof options !== 'object' || options === null) throw new TypeError('createLicenseKit needs an options object')
  assertKnown(options, KNOWN_OPTIONS)
  const allowPlainHttp = optionalOf(options.dangerouslyAllowPlainHttp, 'boolean', 'dangerouslyAllowPlainHttp') ?? false
  const hostId = options.hostId === undefined ? undefined : text(options.hostId, 'hostId', 64)
  return Object.freeze({
    serverUrl: assertServerUrl(options.serverUrl, allowPlainHttp),
    productId: text(options.productId, 'productId', 256),
    accessToken: publishableToken(options.accessToken),
    trustStore: createTrustStore(options.trustedKeys),
    appName: assertAppName(options.appName),
    dataDir: options.dataDir === undefined ? undefined : text(options.dataDir, 'dataDir', 4096, /^[^\0]+$/),
    hostId,
    issuer: options.issuer === undefined ? DEFAULTS.issuer : text(options.issuer, 'issuer', 256, /^[^\0]+$/),
    fetch: optionalOf(options.fetch, 'function', 'fetch') ?? createFetch(proxyOf(options.proxy)),
    secretStore: secretStoreOf(options.secretStore),
    now: optionalOf(options.now, 'function', 'now') ?? systemNow,
    tryTimeoutMs: positive(options.tryTimeoutMs, 'tryTimeoutMs') ?? DEFAULTS.tryTimeoutMs,
    totalTimeoutMs: positive(options.totalTimeoutMs, 'totalTimeoutMs') ?? DEFAULTS.totalTimeoutMs,
    maxTries: positive(options.maxTries, 'maxTries') ?? DEFAULTS.maxTries,
    deactivateTimeoutMs: positive(options.deactivateTimeoutMs, 'deactivateTimeoutMs') ?? DEFAULTS.deactivateTimeoutMs,
    allowPlainHttp,
  })
}

/** @throws {TypeError} naming the first key of `options` that is not in `known` */
export function assertKnown(options: object, known: Readonly<Record<string, true>>): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) throw new TypeError(`unknown option: ${name}`)
  }
}

function text(value: unknown, name: string, maxLength: number, pattern = PRINTABLE_ASCII): string {
  if (typeof value !== 'string' || value.length > maxLength || !pattern.test(value)) {
    throw new TypeError(`${name} must be a string of 1 to ${maxLength} printable characters`)
  }
  return value
}

function publishableToken(value: unknown): string {
  const token = text(value, 'accessToken', 256)
  if (token.startsWith('at_')) {
    throw new TypeError('accessToken is a secret token (at_…); an app must ship a publishable one (pk_…)')
  }
  return token
}

function positive(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1 || value > 2 ** 31 - 1) {
    throw new TypeError(`${name} must be a whole number above 0`)
  }
  return value
}

/** Its text is not repeated in the message: it may hold a password. */
export function proxyOf(value: unknown): string | false | undefined {
  if (value === undefined || value === false) return value
  if (typeof value === 'string' && /^https?:/.test(value) && URL.canParse(value)) return value
  throw new TypeError('proxy must be an http: or https: URL, or false')
}

function secretStoreOf(store: SecretStore | undefined): SecretStore | undefined {
  if (store === undefined) return undefined
  if (typeof store?.encrypt !== 'function' || typeof store.decrypt !== 'function') {
    throw new TypeError('secretStore must have the functions encrypt and decrypt')
  }
  return store
}

function optionalOf<T>(value: T | undefined, type: 'function' | 'boolean', name: string): T | undefined {
  if (value !== undefined && typeof value !== type) throw new TypeError(`${name} must be a ${type}`)
  return value
}
