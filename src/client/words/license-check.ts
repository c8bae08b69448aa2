import type { LicenseErrorCode } from '../../protocol'

/** What came of the last time that this host asked the license server. */
export interface LastContact {
  /** By this computer's clock. */
  readonly at: Date
  /** `OK`, or why the license was not confirmed, e.g. `SERVER_UNREACHABLE` or `INVALID_ACCESS_TOKEN`. */
  readonly code: 'OK' | 'REVOKED' | LicenseErrorCode
}

/** What a verified license token grants. The app acts on it. */
export interface LicenseDetails {
  /** The license key with all but its last four characters hidden, for display. */
  readonly maskedKey: string
  readonly entitlements: readonly string[]
  readonly metadata: Readonly<Record<string, unknown>> | null
  readonly customerName: string | null
}

/** What every answer of `check()` carries. */
interface CheckCommon {
  /** True when the app may run as licensed: `valid` and `grace`. */
  readonly usable: boolean
  /** A sentence that may be shown to a person. */
  readonly message: string
  /** True when calling `refresh()` soon makes sense. */
  readonly refreshDue: boolean
  /** False when this state lives in memory only, because the data folder cannot be written. */
  readonly persisted: boolean
  /**
   * What came of the last contact, of any process of the app; null when there was none since the license was stored.
   * A license may be `valid` while the code is `ACTIVATION_NOT_FOUND`, `LICENSE_NOT_FOUND` or `PROOF_REQUIRED`: the server
   * does not know this host, and names no reason. Such a license runs to the end of its token, without grace.
   */
  readonly lastContact: LastContact | null
}

/** The dates and the grant of a verified license token. */
interface Verified {
  readonly license: LicenseDetails
  /** When the license, or this host's activation, ends for good; null for never. */
  readonly expiresAt: Date | null
  /** Until when the license token speaks for itself, without contact. */
  readonly tokenExpiresAt: Date
  /** Until when `grace` may last. */
  readonly graceEndsAt: Date
  /** From when `refresh()` is due. */
  readonly refreshAfter: Date
}

/** Without a verified license token of this host and product, a check says nothing about a license. */
interface Unverified {
  readonly license: null
  readonly expiresAt: null
  readonly tokenExpiresAt: null
  readonly graceEndsAt: null
  readonly refreshAfter: null
}

/**
 * The license is good. With `HOST_CHANGED` it is so for 7 days, to `tokenExpiresAt`: the machine id is another one or cannot be
 * read, and the data folder is the same. Contact mends that: the host keeps its slot by its proof key.
 */
export interface ValidCheck extends CheckCommon, Verified {
  readonly status: 'valid'
  readonly usable: true
  readonly reason: 'OK' | 'HOST_CHANGED'
}

/**
 * The license token has run out without contact. The license is usable until `graceEndsAt`, with a warning. With `SERVER_LOST`
 * it is so by a bridge: the vendor's server is lost, and the vendor lets the license go on. `HOST_CHANGED` is as in `ValidCheck`.
 */
export interface GraceCheck extends CheckCommon, Verified {
  readonly status: 'grace'
  readonly usable: true
  readonly reason: 'TOKEN_EXPIRED' | 'SERVER_LOST' | 'HOST_CHANGED'
}

/** The license has ended (`LICENSE_EXPIRED`), or its token and the grace period have (`TOKEN_EXPIRED`: contact mends it). */
export interface ExpiredCheck extends CheckCommon, Verified {
  readonly status: 'expired'
  readonly usable: false
  readonly reason: 'LICENSE_EXPIRED' | 'TOKEN_EXPIRED'
}

/** The clock is behind a time that is proven already (`CLOCK_BEHIND`). A correct clock, or contact, mends it. */
export interface ClockTamperedCheck extends CheckCommon, Verified {
  readonly status: 'clock-tampered'
  readonly usable: false
  readonly reason: 'CLOCK_BEHIND'
}

/** There is no activation here, or none that can be read: the cache file is corrupt, unreadable, sealed, or newer. */
export interface NotActivatedCheck extends CheckCommon, Unverified {
  readonly status: 'not-activated'
  readonly usable: false
  readonly reason: NotActivatedReason
}

/**
 * The token is another host's (a copied data folder), or bound to a key that is not here, or this host has no id. Where
 * `refreshDue` is true, contact may mend it: the host takes a free slot, or its own with it.
 */
export interface WrongHostCheck extends CheckCommon, Unverified {
  readonly status: 'wrong-host'
  readonly usable: false
  readonly reason: 'TOKEN_WRONG_HOST' | 'HOST_ID_UNAVAILABLE'
}

/** The token is for another product. */
export interface WrongProductCheck extends CheckCommon, Unverified {
  readonly status: 'wrong-product'
  readonly usable: false
  readonly reason: 'TOKEN_WRONG_PRODUCT'
}

/** The token is not signed with a trusted key, or was altered. */
export interface UntrustedCheck extends CheckCommon, Unverified {
  readonly status: 'untrusted'
  readonly usable: false
  readonly reason: UntrustedReason
}

/**
 * The server has definitely refused. The refusal lasts, also across restarts, until the server says yes: to `activate()`, or
 * to `refresh()`, which goes on asking where `refreshDue` is true.
 */
export interface RevokedCheck extends CheckCommon, Unverified {
  readonly status: 'revoked'
  readonly usable: false
  readonly reason: RevokedReason
}

/** What `check()` returns. Switch on `status`. */
export type LicenseCheck =
  | ValidCheck
  | GraceCheck
  | ExpiredCheck
  | ClockTamperedCheck
  | NotActivatedCheck
  | WrongHostCheck
  | WrongProductCheck
  | UntrustedCheck
  | RevokedCheck

export type NotActivatedReason = 'NO_LICENSE' | 'CACHE_CORRUPT' | 'CACHE_UNREADABLE' | 'CACHE_NEWER' | 'CACHE_SEALED'

export type UntrustedReason =
  | 'TOKEN_MALFORMED'
  | 'TOKEN_ALGORITHM'
  | 'TOKEN_KEY_UNKNOWN'
  | 'TOKEN_SIGNATURE'
  | 'TOKEN_CLAIMS'

/** The reasons for which a server definitely refuses a license on a host. */
export const REVOKED_REASONS = [
  'REVOKED',
  'LICENSE_BLOCKED',
  'LICENSE_EXPIRED',
  'LICENSE_NOT_FOUND',
  'CUSTOMER_INACTIVE',
  'ACTIVATION_NOT_FOUND',
  'ACTIVATION_REVOKED',
  'HOST_NOT_ALLOWED',
  'WRONG_LICENSE_TYPE',
  'PROOF_REQUIRED',
  'HOST_USERS_EXCEEDED',
  'HOST_CLONED',
] as const

export type RevokedReason = (typeof REVOKED_REASONS)[number]

/** Every `reason` of {@link LicenseCheck}. Reasons are stable: switch on them, never on messages. */
export type CheckReason = LicenseCheck['reason']
