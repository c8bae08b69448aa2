import { DEFAULT_ISSUER, type PublicJwk } from '../protocol'
import { assertAppName } from './files/data-dir'
import { createReadClocks, type ReadClocks } from './host/system-clocks'
import type { SecretStore } from './store/secret-store'
import { createTrustStore, type TrustStore } from './trust/trust-store'
import { createFetch } from './wire/create-fetch'
import type { Fetch } from './wire/fetch'
import { assertKnown } from './words/assert-known'
import { assertServerUrl } from './words/server-url'

/** What {@link createLicenseKit} takes. An unknown option is an error; `undefined` is the same as absent. */
export interface LicenseKitOptions {
  /** Where the licensing router is mounted, e.g. `https://example.com/licensing`. Plain `http:` only to loopback. */
  readonly serverUrl: string
  /** The id of this app's product. */
  readonly productId: string
  /** A publishable access token, `pk_…`. A secret token (`at_…`) is refused, since everything in a shipped app is public. */
  readonly accessToken: string
  /**
   * A file on any web host, with statements of the vendor: one per line, as `keyslot keys bridge` and `keyslot keys moved` make
   * them. The kit asks for it where the license server cannot be reached or knows nobody, and beside the server where the
   * license token has run out: at most once an hour, or five minutes after it got no statement. It follows no redirect.
   * Default: none.
   */
  readonly statementsUrl?: string | undefined
  /**
   * The public keys that this app pins and trusts; at least one. Keys that they vouch for in signed statements are trusted,
   * too. Nothing else from the network adds a key.
   */
  readonly trustedKeys: readonly PublicJwk[]
  /**
   * The app's name. It names the data folder, and keeps this app's hostIds apart from the hostIds of other apps. Changing
   * it later gives every host a new hostId. Letters, digits, space, `.`, `_`, `-`; 1 to 64 characters.
   */
  readonly appName: string
  /** The folder for keyslot's files, this app's own. Default: `keyslot` in the platform's data folder for `appName`. */
  readonly dataDir?: string | undefined
  /** The hostId, used as it is; 1 to 64 printable ASCII characters. Default: a derived one, see `kit.hostId()`. */
  readonly hostId?: string | undefined
  /**
   * A secret of this installation, for containers whose data folder is gone when they are made anew: 16 to 256 printable ASCII
   * characters, the same at every start. With it and `hostId`, the kit derives the key by which the server knows this host.
   * Default: none; outside containers the kit derives such a key from the machine id and the user.
   */
  readonly proofSecret?: string | undefined
  /** The claim `iss` that license tokens must carry. Default `keyslot`. */
  readonly issuer?: string | undefined
  /**
   * Sends requests in place of the global `fetch`. Electron's `net.fetch`, for example, knows the system's proxy. With this
   * option, `proxy` and the environment's proxies are not used.
   */
  readonly fetch?: Fetch | undefined
  /**
   * The proxy for every request: an `http:` or `https:` URL, with a name and password if the proxy needs them; false for no
   * proxy. Default: as `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say. Requests to loopback use no proxy.
   */
  readonly proxy?: string | false | undefined
  /**
   * Seals the activation in the cache file, e.g. with Electron's `safeStorage`. Default: none; only this user can read the
   * file. See {@link SecretStore} for what happens when it does not work.
   */
  readonly secretStore?: SecretStore | undefined
  /** The wall clock. It stands for the uptime, too, unless `uptime` is given. Default `() => new Date()`. */
  readonly now?: (() => Date) | undefined
  /**
   * How long the computer has been running, sleep included, in seconds from any start; it never goes back before a restart.
   * Within one boot, times are judged by it. Default `os.uptime()`.
   */
  readonly uptime?: (() => number) | undefined
  /** Longest wait for one answer, in milliseconds. Default 5000 (5 seconds). */
  readonly tryTimeoutMs?: number | undefined
  /** Longest wait of `activate()` or `refresh()` for the server, for all tries together, in milliseconds. Default 15000. */
  readonly totalTimeoutMs?: number | undefined
  /** How often a request is tried at most, after network errors, 429 and 5xx. Default 3. */
  readonly maxTries?: number | undefined
  /** Longest duration of `deactivate()`, and of a floating session's `checkin()`, in milliseconds. Default 3000. */
  readonly deactivateTimeoutMs?: number | undefined
  /** Longest wait of `start()` and of a watch for the server before they tell of an end, in milliseconds. Default 5000. */
  readonly startTimeoutMs?: number | undefined
  /**
   * Allows plain `http:` to hosts other than loopback. License keys then travel in the clear, and anyone on the way can
   * answer "revoked".
   * @deprecated The mark makes editors strike the option out: do not use it in a shipped app.
   */
  readonly dangerouslyAllowPlainHttp?: boolean | undefined
}

/** The options after they were checked, with defaults filled in. */
export interface Config {
  readonly serverUrl: string
  readonly statementsUrl: string | undefined
  readonly productId: string
  readonly accessToken: string
  readonly trustStore: TrustStore
  readonly appName: string
  readonly dataDir: string | undefined
  readonly hostId: string | undefined
  readonly proofSecret: string | undefined
  readonly issuer: string
  readonly fetch: Fetch
  /** True where `fetch` is the app's own. */
  readonly ownFetch: boolean
  readonly proxy: string | false | undefined
  readonly secretStore: SecretStore | undefined
  readonly now: () => Date
  readonly readClocks: ReadClocks
  readonly tryTimeoutMs: number
  readonly totalTimeoutMs: number
  readonly maxTries: number
  readonly deactivateTimeoutMs: number
  readonly startTimeoutMs: number
  readonly allowPlainHttp: boolean
}

/** The limits that an app may set. */
export const DEFAULTS = {
  tryTimeoutMs: 5_000,
  totalTimeoutMs: 15_000,
  maxTries: 3,
  deactivateTimeoutMs: 3_000,
  startTimeoutMs: 5_000,
} as const

/** Uses the proxies that the environment names. */
export const systemFetch = createFetch()
export const systemNow = (): Date => new Date()

/** The compiler keeps this list complete. */
const KNOWN_OPTIONS: Record<keyof LicenseKitOptions, unknown> = {
  ...DEFAULTS,
  serverUrl: true,
  statementsUrl: true,
  productId: true,
  accessToken: true,
  trustedKeys: true,
  appName: true,
  dataDir: true,
  hostId: true,
  proofSecret: true,
  issuer: true,
  fetch: true,
  proxy: true,
  secretStore: true,
  now: true,
  uptime: true,
  dangerouslyAllowPlainHttp: true,
}

const PRINTABLE_ASCII = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/**
 * Checks the options and fills in the defaults.
 * @throws {TypeError} for an unknown or malformed option
 * @throws {LicenseError} INSECURE_SERVER_URL for plain http to a host other than loopback
 */
export function parseOptions(options: LicenseKitOptions): Config {
  if (typeof options !== 'object' || options === null) throw new TypeError('createLicenseKit needs an options object')
  assertKnown(options, KNOWN_OPTIONS)
  const allowPlainHttp = optionalOf(options.dangerouslyAllowPlainHttp, 'boolean', 'dangerouslyAllowPlainHttp') ?? false
  return Object.freeze({
    serverUrl: assertServerUrl(options.serverUrl, allowPlainHttp),
    statementsUrl: given(options.statementsUrl, (url) => assertServerUrl(url, allowPlainHttp, 'statementsUrl')),
    productId: productIdOf(options.productId),
    accessToken: publishableToken(options.accessToken),
    trustStore: createTrustStore(options.trustedKeys),
    appName: assertAppName(options.appName),
    dataDir: given(options.dataDir, (folder) => text(folder, 'dataDir', 4096, /^[^\0]+$/)),
    hostId: given(options.hostId, (id) => text(id, 'hostId', 64)),
    proofSecret: given(options.proofSecret, (secret) => text(secret, 'proofSecret', 256, /^[\x21-\x7e]{16,}$/)),
    issuer: given(options.issuer, (issuer) => text(issuer, 'issuer', 256, /^[^\0]+$/)) ?? DEFAULT_ISSUER,
    fetch: optionalOf(options.fetch, 'function', 'fetch') ?? createFetch(proxyOf(options.proxy)),
    ownFetch: options.fetch !== undefined,
    proxy: proxyOf(options.proxy),
    secretStore: secretStoreOf(options.secretStore),
    ...clocksOf(options),
    ...limitsOf(options),
    allowPlainHttp,
  })
}

/** Reads an option that may be absent. */
function given(value: string | undefined, read: (value: string) => string): string | undefined {
  return value === undefined ? undefined : read(value)
}

function text(value: unknown, name: string, maxLength: number, pattern = PRINTABLE_ASCII): string {
  if (typeof value !== 'string' || value.length > maxLength || !pattern.test(value)) {
    throw new TypeError(`${name} must be a string of 1 to ${maxLength} printable characters`)
  }
  return value
}

function limitsOf(options: LicenseKitOptions): Record<keyof typeof DEFAULTS, number> {
  const limits: Record<keyof typeof DEFAULTS, number> = { ...DEFAULTS }
  for (const name of Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[]) {
    limits[name] = positive(options[name], name) ?? limits[name]
  }
  return limits
}

/** A server would only say that it knows no such license key. */
function productIdOf(value: unknown): string {
  const id = text(value, 'productId', 256)
  if (id.length < 22) throw new TypeError('productId is no id of a product (`prod_…`), as the server gives it')
  return id
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

/**
 * Checks the option `proxy`. The message does not repeat its text, which may hold a password.
 * @throws {TypeError} when it is neither a URL of a proxy nor false
 */
export function proxyOf(value: unknown): string | false | undefined {
  if (value === undefined || value === false) return value
  if (typeof value === 'string' && /^https?:/.test(value) && URL.canParse(value)) return value
  throw new TypeError('proxy must be an http: or https: URL, or false')
}

function clocksOf(options: LicenseKitOptions): Pick<Config, 'now' | 'readClocks'> {
  const now = optionalOf(options.now, 'function', 'now')
  const uptime = optionalOf(options.uptime, 'function', 'uptime')
  return { now: now ?? systemNow, readClocks: createReadClocks(systemNow, now, uptime) }
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
