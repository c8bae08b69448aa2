import type { AccessToken } from '../../domain/access-token'
import { LicenseError } from '../../protocol/license-error'
import type { KeyHolder } from '../service/key-holder'
import { addressKey } from './address-key'
import type { HttpRequest } from './http-request'
import { type LimitWindows, openWindows } from './limit-windows'
import type { RateLimitStore } from './rate-limit-store'
import type { LimitName, RateLimits } from './rate-limits'

/** Whose requests are limited: by an access token, or by a package token of an app made for AuthTool. */
export type LimitedCaller = Pick<AccessToken, 'kind' | 'id' | 'accountId'>

/** What an app does that is kept. */
interface Change {
  /** Absent where it names no license key. */
  readonly canonicalKey?: string | undefined
  /** The product, where it is to begin a trial. */
  readonly trialOf?: string | undefined
}

/** The limits of one router, each checked at its place in the order of checks. They throw `LicenseError` RATE_LIMITED. */
export interface RateLimiter {
  /** A request for what is open to all. */
  admitOpen(request: HttpRequest): Promise<void>
  /** A request whose token was refused: strangers from there are limited, whoever has a token is not. */
  countUnauthenticated(request: HttpRequest): Promise<void>
  /** Once the token is known. */
  admitToken(request: HttpRequest, token: LimitedCaller): Promise<void>
  /**
   * Once it is known which license key the request names.
   * @param canonicalKey undefined where it names none
   * @param look is asked only where a limit is reached that some may pass
   */
  admitKey(
    request: HttpRequest,
    token: LimitedCaller,
    canonicalKey: string | undefined,
    look: () => Promise<KeyHolder>,
  ): Promise<void>
  /** A request that named a license key there is not. */
  countWrongKey(request: HttpRequest, token: LimitedCaller): Promise<void>
  /**
   * Why the caller may have nothing more kept; undefined where it may.
   * @param look is asked only where a limit is reached that some may pass
   */
  closed(
    request: HttpRequest,
    token: LimitedCaller,
    change: Change,
    look: () => Promise<KeyHolder>,
  ): Promise<LicenseError | undefined>
  /** Something was kept. */
  countChange(request: HttpRequest, token: LimitedCaller, change: Change): Promise<void>
  close(): Promise<void>
}

const admit = async () => undefined

/** No limits at all. */
export const UNLIMITED: RateLimiter = {
  admitOpen: admit,
  countUnauthenticated: admit,
  admitToken: admit,
  admitKey: admit,
  countWrongKey: admit,
  closed: admit,
  countChange: admit,
  close: admit,
}

/** A limit, and what it counts by; undefined where it cannot be told: such a request is not counted. */
type Counted = readonly [name: LimitName, key: string | undefined]

/**
 * @param makeStore a store of its own for each limit, by name; undefined: in memory, one process each
 * @param warn is told when such a store stops to answer
 */
export function createRateLimiter(
  limits: RateLimits,
  makeStore: ((name: LimitName) => RateLimitStore) | undefined,
  warn: (message: string) => void,
): RateLimiter {
  const windows = openWindows(limits, makeStore, warn)
  return {
    admitOpen: (request) => hit(windows, ['openPerAddress', addressKeyOf(request)]),
    countUnauthenticated: (request) => hit(windows, ['unauthenticatedPerAddress', addressKeyOf(request)]),
    async admitToken(request, token) {
      if (token.kind === 'secret') await hit(windows, ['perSecretToken', token.id])
      else await hit(windows, ['perPublishableTokenAndAddress', beside(token.id, request)])
    },
    async admitKey(request, token, canonicalKey, look) {
      if (canonicalKey === undefined) return
      const guessedUntil = await fullUntil(windows, wrongKeysOf(request, token))
      if (guessedUntil !== undefined) {
        const { isStrong, isBound } = await look()
        if (!isStrong && !isBound) throw limited(guessedUntil)
      }
      if (token.kind === 'secret') return
      const key = `${token.accountId} ${canonicalKey}`
      await hit(windows, ['perLicenseKeyAndAddress', beside(key, request)])
      const over = await windows.hit('perLicenseKey', key)
      if (over !== undefined && !(await look()).isBound) throw limited(over)
    },
    async countWrongKey(request, token) {
      await count(windows, wrongKeysOf(request, token))
    },
    async closed(request, token, { canonicalKey, trialOf }, look) {
      const own = await fullUntil(windows, ownChangesOf(request, token, trialOf))
      if (own !== undefined) return limited(own)
      const ofLicense = await fullUntil(windows, licenseChangesOf(token, canonicalKey))
      // Others may have done it all: a host that shows its key goes on.
      return ofLicense === undefined || (await look()).isBound ? undefined : limited(ofLicense)
    },
    async countChange(request, token, { canonicalKey, trialOf }) {
      await count(windows, [...ownChangesOf(request, token, trialOf), ...licenseChangesOf(token, canonicalKey)])
    },
    close: () => windows.close(),
  }
}

async function hit(windows: LimitWindows, [name, key]: Counted): Promise<void> {
  if (key === undefined) return
  const over = await windows.hit(name, key)
  if (over !== undefined) throw limited(over)
}

async function count(windows: LimitWindows, counted: readonly Counted[]): Promise<void> {
  for (const [name, key] of counted) if (key !== undefined) await windows.hit(name, key)
}

/** When the last of the limits has room again that are reached already. Counts nothing. */
async function fullUntil(windows: LimitWindows, counted: readonly Counted[]): Promise<Date | undefined> {
  let until: Date | undefined
  for (const [name, key] of counted) {
    const full = key === undefined ? undefined : await windows.fullUntil(name, key)
    if (full !== undefined && (until === undefined || until < full)) until = full
  }
  return until
}

/** Where the wrong keys of a caller are counted: whoever has a publishable token is anybody. */
function wrongKeysOf(request: HttpRequest, { kind, id }: LimitedCaller): readonly Counted[] {
  if (kind === 'secret') return [['wrongKeysPerSecretToken', `${id} ${addressKeyOf(request) ?? ''}`]]
  return [
    ['wrongKeysPerAddress', addressKeyOf(request)],
    ['wrongKeysPerPublishableToken', id],
  ]
}

/** Where what apps have us keep is counted, whatever the license. What the vendor does is not. */
function ownChangesOf(
  request: HttpRequest,
  { kind, accountId }: LimitedCaller,
  trialOf: Change['trialOf'],
): readonly Counted[] {
  if (kind === 'secret') return []
  const address = addressKeyOf(request)
  return [
    ['changesPerAddress', address],
    ['trialsPerAddress', trialOf && address],
    ['trialsPerProduct', trialOf && `${accountId} ${trialOf}`],
  ]
}

/** The same by license. */
function licenseChangesOf(
  { kind, accountId }: LimitedCaller,
  canonicalKey: Change['canonicalKey'],
): readonly Counted[] {
  return kind === 'secret' ? [] : [['changesPerLicenseKey', canonicalKey && `${accountId} ${canonicalKey}`]]
}

function beside(key: string, request: HttpRequest): string | undefined {
  const address = addressKeyOf(request)
  return address && `${key} ${address}`
}

/**
 * What names the caller's address; what a proxy says that is none counts for the proxy. Undefined where there is none at all,
 * as behind a Unix socket: one bucket for everybody would lock everybody out.
 */
function addressKeyOf({ address, peer }: HttpRequest): string | undefined {
  const known = address ?? peer
  return known === null ? undefined : addressKey(known)
}

function limited(until: Date): LicenseError {
  // By the clock that stores go by, which is the system's.
  const seconds = (until.getTime() - performance.timeOrigin - performance.now()) / 1000
  return new LicenseError('RATE_LIMITED', 'Too many requests', {
    detail: { retryAfterSeconds: Math.max(1, Math.ceil(seconds)) },
  })
}
