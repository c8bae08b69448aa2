import { refuseUnknown } from '../../protocol/unknown-name'

/** How often is answered. Beyond it: 429 with `Retry-After`. */
export interface RateLimits {
  /** Requests a minute per secret token. Default 6,000. */
  readonly perSecretToken: number
  /** Requests a minute per publishable token and address: every install shares the token, so never the token alone. Default 3,000. */
  readonly perPublishableTokenAndAddress: number
  /** Requests a minute with publishable tokens per license key and address. Default 1,200. */
  readonly perLicenseKeyAndAddress: number
  /**
   * Requests a minute with publishable tokens per license key, from all addresses. A host that shows the proof key it is bound
   * to is not limited by it: nobody who merely knows the key locks it out. Default 30,000.
   */
  readonly perLicenseKey: number
  /** Requests a minute per address without a valid token. Requests with one are not limited by it. Default 300. */
  readonly unauthenticatedPerAddress: number
  /** Requests a minute per address for what is open to all, but for `/healthz`. Default 3,000. */
  readonly openPerAddress: number
  /**
   * License keys a minute that do not exist, asked for with publishable tokens, per address. Whoever asks from there for a key
   * of at least 80 random bits, as keyslot makes them, or shows the proof key of its host, is not limited by it. Default 100.
   */
  readonly wrongKeysPerAddress: number
  /** The same per publishable token, from all addresses. Default 6,000. */
  readonly wrongKeysPerPublishableToken: number
  /** License keys a minute that do not exist, per secret token and address: no stranger uses it up. Default 1,000. */
  readonly wrongKeysPerSecretToken: number
  /**
   * What apps do an hour from one address that is kept (a host activated, a seat taken, an answer for an `Idempotency-Key`):
   * what bounds how much strangers have you store. Hosts that have their slot are not limited by it. Default 2,000.
   */
  readonly changesPerAddress: number
  /** The same per license, from all addresses. Default 5,000. */
  readonly changesPerLicenseKey: number
  /** Trials a day that begin per address. A trial that has begun goes on. Default 500. */
  readonly trialsPerAddress: number
  /** Trials a day that begin per product. Default 20,000. */
  readonly trialsPerProduct: number
}

/** Names one of {@link RateLimits}. */
export type LimitName = keyof RateLimits

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** The time that each limit is of. */
export const WINDOWS_MS: Readonly<Record<LimitName, number>> = {
  perSecretToken: MINUTE_MS,
  perPublishableTokenAndAddress: MINUTE_MS,
  perLicenseKeyAndAddress: MINUTE_MS,
  perLicenseKey: MINUTE_MS,
  unauthenticatedPerAddress: MINUTE_MS,
  openPerAddress: MINUTE_MS,
  wrongKeysPerAddress: MINUTE_MS,
  wrongKeysPerPublishableToken: MINUTE_MS,
  wrongKeysPerSecretToken: MINUTE_MS,
  changesPerAddress: HOUR_MS,
  changesPerLicenseKey: HOUR_MS,
  trialsPerAddress: DAY_MS,
  trialsPerProduct: DAY_MS,
}

export const DEFAULT_RATE_LIMITS: RateLimits = {
  perSecretToken: 6000,
  perPublishableTokenAndAddress: 3000,
  perLicenseKeyAndAddress: 1200,
  perLicenseKey: 30_000,
  unauthenticatedPerAddress: 300,
  openPerAddress: 3000,
  wrongKeysPerAddress: 100,
  wrongKeysPerPublishableToken: 6000,
  wrongKeysPerSecretToken: 1000,
  changesPerAddress: 2000,
  changesPerLicenseKey: 5000,
  trialsPerAddress: 500,
  trialsPerProduct: 20_000,
}

/**
 * Limits, checked, with defaults for those not given.
 * @throws {TypeError} when one is unknown, or no number of at least 1
 */
export function parseRateLimits(given: Partial<RateLimits>): RateLimits {
  const limits: { -readonly [Name in LimitName]: number } = { ...DEFAULT_RATE_LIMITS }
  refuseUnknown('createLicensing: rateLimits', given, Object.keys(DEFAULT_RATE_LIMITS))
  for (const [name, limit] of Object.entries(given) as [LimitName, unknown][]) {
    if (limit === undefined) continue
    if (typeof limit !== 'number' || !(limit >= 1)) {
      throw new TypeError(`createLicensing: the rate limit ${name} must be a number of at least 1`)
    }
    limits[name] = limit
  }
  return limits
}

export function isLimitName(name: string): name is LimitName {
  return Object.hasOwn(DEFAULT_RATE_LIMITS, name)
}
