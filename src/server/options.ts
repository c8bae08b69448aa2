import { WIRE_OPTIONS, type WireOption } from '../domain/keymint-wire'
import { drawBytes, type RandomBytes } from '../domain/random'
import type { SeatRules } from '../domain/seat-rules'
import { DEFAULT_ISSUER } from '../protocol/license-token'
import { refuseUnknown } from '../protocol/unknown-name'
import type { Storage } from '../storage/contract'
import type { RateLimitStore } from './http/rate-limit-store'
import { parseRateLimits, type RateLimits } from './http/rate-limits'
import type { AnswerTold } from './http/tell-answers'
import { parseSeatOptions, type SeatOptions } from './seat-options'
import type { Keyring } from './signing/keyring'

/** Where warnings and unexpected errors go. Neither ever holds a token, a secret or a full license key. */
export interface Logger {
  warn(message: string): void
  error(message: string, error: unknown): void
}

/** What `createLicensing` takes. */
export interface LicensingOptions extends SeatOptions {
  /** Where everything is kept: `sqliteStorage(…)`, `memoryStorage()`, or an adapter of your own. */
  readonly storage: Storage
  /** The keys that sign license tokens; see `loadKeyring`. */
  readonly keyring: Keyring
  /** Claim `iss` of license tokens; the client kit's option of that name must equal it. Default `keyslot`. */
  readonly issuer?: string
  /**
   * Accept a keyring that lacks the key this store was last opened with. Every shipped app that trusts only the old
   * key then calls its license `untrusted`. Default false: refuse to start.
   */
  readonly adoptNewKeyring?: boolean
  /**
   * For how many seconds an access token is remembered, which is how long another instance goes on accepting one that
   * was revoked here. Default 5; 0 looks every token up.
   */
  readonly accessTokenCacheSeconds?: number
  /**
   * How often is answered; false for as often as comes. Default {@link DEFAULT_RATE_LIMITS}, each of
   * which can be set alone.
   */
  readonly rateLimits?: false | Partial<RateLimits>
  /**
   * Makes the store each rate limit counts in, by the limit's name. Any store of express-rate-limit will do, such as
   * rate-limit-redis. One that fails, or takes more than half a second, is left alone for ten seconds, and the process counts
   * for itself. Default in memory: every process counts for itself, and each limit remembers the 20,000 keys that were used
   * last.
   */
  readonly rateLimitStore?: (limit: keyof RateLimits) => RateLimitStore
  /**
   * The form in which KeyMint's clients are answered where its form of September 2026 and the one before differ: the answers of
   * `/key/sign` and `/customer/keys`, and errors. `auto`: a client is answered in the newer form once its access token has asked
   * `GET /key` with header `x-license-key`, within a day, and not with the license key in the query as well. A request's header
   * `x-keymint-wire`, and then the access token's `wire`, go before this. Default `auto`.
   */
  readonly keymintWire?: WireOption
  /** How events reach webhooks. */
  readonly webhooks?: {
    /**
     * Hosts that webhooks may reach although they are private, by name or address, and over plain `http:`. Default none:
     * whoever may make webhooks must not reach what is inside your network.
     */
    readonly allowedPrivateHosts?: readonly string[]
    /** False leaves delivery to other instances, or to `runWebhooks` from cron. Default true. */
    readonly deliver?: boolean
    /**
     * A webhook is disabled after so many days in which every attempt failed; event `webhook.disabled`, and `disabledReason`
     * says why. Its deliveries wait until it is made active again. Default 5; 0 never disables any.
     */
    readonly disableAfterDays?: number
  }
  /**
   * Serve a page at `/docs` that shows `/openapi.json`, where `swagger-ui-dist` is installed; false leaves the path to your
   * app. Default true.
   */
  readonly apiPage?: boolean
  /** How many access tokens are remembered at most. Default 10,000. */
  readonly accessTokenCacheSize?: number
  /**
   * Where the router is mounted, such as `/licensing`. Only `errorHandler` reads it, to tell our paths from others
   * that end alike. Default: any path that ends like one of ours.
   */
  readonly mountPath?: string
  /** Seconds between two runs of `runHousekeeping`. Default 300; 0 leaves it to you. */
  readonly housekeepingSeconds?: number
  /**
   * Seconds after which a host that was not seen (no activation, no validation) loses its slot, as if it were deactivated;
   * event `license.deactivated` with `reason: 'unseen'`. Never before the last license token or license file it was given
   * can be of no more use, grace included: whoever may still be working offline keeps its slot. `runHousekeeping` does it.
   * Default 0: never.
   */
  readonly freeUnseenAfterSeconds?: number
  /**
   * For how many days events are kept, at least 30: `runHousekeeping` deletes older ones, but none that a webhook is still to be
   * told of. Default 400; 0 keeps them for ever.
   */
  readonly eventsKeptDays?: number
  /**
   * Called with each answer, for metrics and access logs: method, documented route, status, the refusal's code, how long it took,
   * and the request's id. Never with a license key, a token or a host. What it throws is logged.
   */
  readonly onAnswer?: (answer: AnswerTold) => unknown
  /** Default the console. */
  readonly logger?: Logger
  /** The clock. Default the system's. */
  readonly now?: () => Date
  /** Source of random bytes; must be cryptographically secure. Default that of `node:crypto`. */
  readonly random?: RandomBytes
}

/** Options with every default filled in. */
export type LicensingConfig = Readonly<Required<Omit<LicensingOptions, OptionalOption | keyof SeatOptions>>> &
  Pick<LicensingOptions, OptionalOption> & {
    /** What the options on slots come to. */
    readonly seats: SeatRules
  }

/** Those whose absence means something of its own. */
type OptionalOption = 'mountPath' | 'rateLimitStore' | 'onAnswer'

const DEFAULTS = {
  issuer: DEFAULT_ISSUER,
  adoptNewKeyring: false,
  accessTokenCacheSeconds: 5,
  accessTokenCacheSize: 10_000,
  rateLimits: {},
  webhooks: {},
  keymintWire: 'auto',
  apiPage: true,
  housekeepingSeconds: 300,
  freeUnseenAfterSeconds: 0,
  eventsKeptDays: 400,
  logger: {
    warn: (message: string) => console.warn(message),
    error: (message: string, error: unknown) => console.error(message, error),
  },
  now: () => new Date(),
  random: drawBytes,
} satisfies Partial<LicensingOptions>

/** The compiler keeps this list complete. */
const KNOWN: Readonly<Record<keyof LicensingOptions, true>> = {
  storage: true,
  keyring: true,
  issuer: true,
  adoptNewKeyring: true,
  accessTokenCacheSeconds: true,
  accessTokenCacheSize: true,
  rateLimits: true,
  webhooks: true,
  keymintWire: true,
  apiPage: true,
  rateLimitStore: true,
  mountPath: true,
  housekeepingSeconds: true,
  freeUnseenAfterSeconds: true,
  eventsKeptDays: true,
  seatReuse: true,
  activationRate: true,
  usersPerHost: true,
  selfServiceFreesPerMonth: true,
  onAnswer: true,
  logger: true,
  now: true,
  random: true,
}

/**
 * Options, checked, with defaults.
 * @throws {TypeError} on an unknown or impossible option
 * @throws {LicenseError} STORAGE_INCOMPATIBLE when the adapter was written against another contract
 */
export function parseOptions(options: LicensingOptions): LicensingConfig {
  refuseUnknown('createLicensing', options, Object.keys(KNOWN))
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
  const config = { ...DEFAULTS, ...(given as unknown as LicensingOptions) }
  requireStorage(config.storage)
  if (typeof config.keyring?.current?.kid !== 'string') {
    throw new TypeError('createLicensing: keyring must be what loadKeyring returns (did you await it?)')
  }
  for (const name of ['accessTokenCacheSeconds', 'housekeepingSeconds', 'freeUnseenAfterSeconds'] as const) {
    if (!(config[name] >= 0)) throw new TypeError(`createLicensing: ${name} must be 0 or more`)
  }
  if (config.eventsKeptDays !== 0 && !(config.eventsKeptDays >= 30)) {
    throw new TypeError('createLicensing: eventsKeptDays must be 0, or 30 or more')
  }
  if (!WIRE_OPTIONS.includes(config.keymintWire)) {
    throw new TypeError(`createLicensing: keymintWire must be one of ${WIRE_OPTIONS.join(', ')}`)
  }
  if (!(config.accessTokenCacheSize >= 1)) {
    throw new TypeError('createLicensing: accessTokenCacheSize must be 1 or more')
  }
  if (config.onAnswer !== undefined && typeof config.onAnswer !== 'function') {
    throw new TypeError('createLicensing: onAnswer must be a function')
  }
  if (config.rateLimits !== false) parseRateLimits(config.rateLimits)
  return { ...config, seats: parseSeatOptions(config) }
}

const STORAGE_FUNCTIONS = ['open', 'close', 'ping', 'read', 'write'] as const

function requireStorage(storage: Storage | undefined): void {
  if (typeof storage !== 'object' || storage === null) throw new TypeError('createLicensing: storage is required')
  const missing = STORAGE_FUNCTIONS.find((name) => typeof storage[name] !== 'function')
  if (missing !== undefined) throw new TypeError(`createLicensing: storage has no function ${missing}`)
}
