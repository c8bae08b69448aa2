import type { AccessToken } from '../../domain/access-token'
import { LicenseError } from '../../protocol/license-error'
import { addressKey } from './address-key'
import type { HttpRequest } from './http-request'
import { memoryRateLimitStore, type RateLimitHits, type RateLimitStore } from './rate-limit-store'
import { steadyRateLimitStore } from './steady-rate-limit-store'

/** How many requests a minute are answered. Beyond them: 429 with `Retry-After`. */
export interface RateLimits {
  /** Requests per secret token. Default 6,000. */
  readonly perSecretToken: number
  /** Requests per publishable token and address: every install shares the token, so never the token alone. Default 3,000. */
  readonly perPublishableTokenAndAddress: number
  /** Requests with publishable tokens per license key. Default 1,200. */
  readonly perLicenseKey: number
  /** Requests per address without a valid token. Requests with one are not limited by it. Default 300. */
  readonly unauthenticatedPerAddress: number
  /** License keys that do not exist, asked for with publishable tokens, per address. Default 100. */
  readonly wrongKeysPerAddress: number
  /** License keys that do not exist, per secret token and address: no stranger uses it up. Default 1,000. */
  readonly wrongKeysPerSecretToken: number
}

export const DEFAULT_RATE_LIMITS: RateLimits = {
  perSecretToken: 6000,
  perPublishableTokenAndAddress: 3000,
  perLicenseKey: 1200,
  unauthenticatedPerAddress: 300,
  wrongKeysPerAddress: 100,
  wrongKeysPerSecretToken: 1000,
}

/**
 * Limits, checked, with defaults for those not given.
 * @throws {TypeError} when one is unknown, or no number of at least 1
 */
export function parseRateLimits(given: Partial<RateLimits>): RateLimits {
  const limits: { -readonly [Name in keyof RateLimits]: number } = { ...DEFAULT_RATE_LIMITS }
  for (const [name, limit] of Object.entries(given)) {
    if (!isLimitName(name)) throw new TypeError(`createLicensing: unknown rate limit ${name}`)
    if (limit === undefined) continue
    if (typeof limit !== 'number' || !(limit >= 1)) {
      throw new TypeError(`createLicensing: the rate limit ${name} must be a number of at least 1`)
    }
    limits[name] = limit
  }
  return limits
}

function isLimitName(name: string): name is keyof RateLimits {
  return Object.hasOwn(DEFAULT_RATE_LIMITS, name)
}

const WINDOW_MS = 60_000

/** The limits of one router, each checked at its place in the order of checks. All throw `LicenseError` RATE_LIMITED. */
export interface RateLimiter {
  /** A request whose token was refused: strangers from there are limited, whoever has a token is not. */
  countUnauthenticated(request: HttpRequest): Promise<void>
  /** Once the token is known. */
  admitToken(request: HttpRequest, token: AccessToken): Promise<void>
  /** Once the license key is known. */
  admitKey(request: HttpRequest, token: AccessToken, canonicalKey: string): Promise<void>
  /** A request that named a license key there is not. */
  countWrongKey(request: HttpRequest, token: AccessToken): Promise<void>
  close(): Promise<void>
}

const admit = async () => undefined

/** No limits at all. */
export const UNLIMITED: RateLimiter = {
  countUnauthenticated: admit,
  admitToken: admit,
  admitKey: admit,
  countWrongKey: admit,
  close: admit,
}

/**
 * @param makeStore a store of its own for each limit, by name; undefined: in memory, one process each
 * @param warn is told when such a store stops to answer
 */
export function createRateLimiter(
  limits: RateLimits,
  makeStore: ((name: keyof RateLimits) => RateLimitStore) | undefined,
  warn: (message: string) => void,
): RateLimiter {
  const windows = new Map(
    (Object.keys(limits) as (keyof RateLimits)[]).map((name) => {
      const own = memoryRateLimitStore(WINDOW_MS)
      const store: RateLimitStore = makeStore === undefined ? own : steadyRateLimitStore(makeStore(name), own, warn)
      store.init?.({ windowMs: WINDOW_MS })
      return [name, store] as const
    }),
  )
  const storeOf = (name: keyof RateLimits) => windows.get(name) as RateLimitStore

  async function hit(name: keyof RateLimits, key: string): Promise<void> {
    const { totalHits, resetTime } = await storeOf(name).increment(key)
    // A store may still show a window that is over.
    if (totalHits > limits[name] && secondsUntil(resetTime) > 0) throw limited(resetTime)
  }

  /** Whether the limit is reached already, without counting. */
  async function peek(name: keyof RateLimits, key: string): Promise<void> {
    const hits = await look(storeOf(name), key)
    if (hits === undefined || secondsUntil(hits.resetTime) <= 0) return
    if (hits.totalHits >= limits[name]) throw limited(hits.resetTime)
  }

  return {
    async countUnauthenticated(request) {
      await hit('unauthenticatedPerAddress', addressKeyOf(request))
    },
    async admitToken(request, token) {
      if (token.kind === 'secret') await hit('perSecretToken', token.id)
      else await hit('perPublishableTokenAndAddress', `${token.id} ${addressKeyOf(request)}`)
    },
    async admitKey(request, token, canonicalKey) {
      await peek(...wrongKeysOf(request, token))
      if (token.kind === 'publishable') await hit('perLicenseKey', `${token.accountId} ${canonicalKey}`)
    },
    async countWrongKey(request, token) {
      const [name, key] = wrongKeysOf(request, token)
      await storeOf(name).increment(key)
    },
    async close() {
      for (const store of windows.values()) await store.shutdown?.()
    },
  }
}

/** Where the wrong keys of a caller are counted: whoever has a publishable token is anybody. */
function wrongKeysOf(request: HttpRequest, { kind, id }: AccessToken): [keyof RateLimits, string] {
  const address = addressKeyOf(request)
  return kind === 'secret' ? ['wrongKeysPerSecretToken', `${id} ${address}`] : ['wrongKeysPerAddress', address]
}

/** Stores need not be able to look without counting. */
async function look(store: RateLimitStore, key: string): Promise<RateLimitHits | undefined> {
  if (store.get !== undefined) return store.get(key)
  const { totalHits, resetTime } = await store.increment(key)
  await store.decrement(key)
  return { totalHits: totalHits - 1, resetTime }
}

function addressKeyOf({ address }: HttpRequest): string {
  return addressKey(address ?? 'unknown')
}

function limited(resetTime: Date | undefined): LicenseError {
  const retryAfterSeconds = Math.max(1, Math.ceil(secondsUntil(resetTime)))
  return new LicenseError('RATE_LIMITED', 'Too many requests', { detail: { retryAfterSeconds } })
}

/** By the clock that stores go by, which is the system's; a whole window where a store does not tell. */
function secondsUntil(resetTime: Date | undefined): number {
  if (resetTime === undefined) return WINDOW_MS / 1000
  return (resetTime.getTime() - performance.timeOrigin - performance.now()) / 1000
}
