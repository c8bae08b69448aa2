import type { LicenseTokenClaims } from '../../protocol'
import type { Contact } from '../store/cache-record'
import type { JudgedTime } from '../trust/judge-clock'
import { graceEndOf, licenseEndOf } from '../trust/token-end'
import { checkSentence, unconfirmedSentence } from '../words/check-sentences'
import type {
  LicenseCheck,
  LicenseDetails,
  NotActivatedReason,
  RevokedReason,
  UntrustedReason,
  WrongHostCheck,
} from '../words/license-check'

/** What is known about the license on this host without regard to the time. */
export type Standing =
  | { readonly kind: 'none'; readonly reason: NotActivatedReason }
  /** Where there is a recovery, asking again may bring a yes. */
  | { readonly kind: 'refused'; readonly reason: RevokedReason; readonly recovery?: unknown }
  | { readonly kind: 'wrong-host'; readonly reason: WrongHostCheck['reason'] }
  | { readonly kind: 'wrong-product' }
  | { readonly kind: 'untrusted'; readonly reason: UntrustedReason }
  | VerifiedStanding

/** There is a genuine license token of this product and host. */
export interface VerifiedStanding {
  readonly kind: 'verified'
  readonly claims: LicenseTokenClaims
  readonly clock: Pick<JudgedTime, 'state' | 'time'> & {
    /** Present where the time just goes on, and nothing is to be remembered. */
    readonly isRunning?: true
    /**
     * The wall clock with the last correction. Where it is ahead of the time, a virtual machine may have been paused, whose
     * uptime stands still: contact is due by it then, and nothing ends.
     */
    readonly latest?: number
  }
  /** True when the token came in a license file. */
  readonly fromFile?: boolean
  /** See `CachedActivation`. */
  readonly unknownSince?: number | undefined
}

/** A license file is renewed by a person. `refreshDue` asks for that so long before `exp`, and no earlier. */
const FILE_NOTICE_SECONDS = 14 * 86_400

const LAST_MOMENTS_SECONDS = 60

/**
 * Decides what `check()` says. Pure.
 *
 * The clock was judged first. Where it is behind and may be so no longer, no date can be judged. After that, times are exact
 * and without tolerance: a token and a license are over at the second of their end. Grace runs from `exp` for
 * `graceSeconds`, and never past the license's end. There is no grace for a host that the server does not know.
 */
export function decide(standing: Standing, persisted: boolean, contact?: Contact): LicenseCheck {
  const lastContact = contact === undefined ? null : { at: toDate(contact.at), code: contact.code }
  return { ...judge(standing, persisted, contact), lastContact }
}

/** `Omit` of each check by itself, so that the compiler still tells them apart. */
type Judged<C = LicenseCheck> = C extends LicenseCheck ? Omit<C, 'lastContact'> : never

function judge(standing: Standing, persisted: boolean, contact: Contact | undefined): Judged {
  switch (standing.kind) {
    case 'none':
      return { ...unverified(standing.reason, persisted, false), status: 'not-activated' }
    case 'refused':
      return { ...unverified(standing.reason, persisted, mayAskAgain(standing)), status: 'revoked' }
    case 'wrong-host':
      return { ...unverified(standing.reason, persisted, false), status: 'wrong-host' }
    case 'wrong-product':
      return { ...unverified('TOKEN_WRONG_PRODUCT', persisted, false), status: 'wrong-product' }
    case 'untrusted':
      return { ...unverified(standing.reason, persisted, true), status: 'untrusted' }
    case 'verified':
      return judgeTimes(standing, persisted, contact?.code)
  }
}

/** Where copies of a host were found out, nothing comes by asking: somebody must activate. */
function mayAskAgain({ reason, recovery }: Extract<Standing, { kind: 'refused' }>): boolean {
  return typeof recovery === 'object' && reason !== 'HOST_CLONED'
}

function judgeTimes(standing: VerifiedStanding, persisted: boolean, answer: Contact['code'] | undefined): Judged {
  const { claims, fromFile = false, clock } = standing
  const { time, state, latest = time } = clock
  const isUnknown = standing.unknownSince !== undefined
  const { license, exp } = claims
  const refreshAfter = fromFile ? Math.max(license.refreshAfter, exp - FILE_NOTICE_SECONDS) : license.refreshAfter
  const expiresAt = licenseEndOf(license)
  const graceEndsAt = isUnknown ? Math.min(exp, expiresAt) : graceEndOf(claims)
  const verified = {
    license: describe(claims),
    expiresAt: license.expiresAt === null ? null : new Date(license.expiresAt),
    tokenExpiresAt: toDate(exp),
    graceEndsAt: toDate(graceEndsAt),
    refreshAfter: toDate(refreshAfter),
    persisted,
  }

  if (state === 'behind-signed' || state === 'spent') {
    return { ...verified, ...refused('CLOCK_BEHIND'), status: 'clock-tampered', refreshDue: true }
  }
  // A token says whole seconds, so it ends a moment before the license that it ends with. Nothing is left to be confirmed.
  const endsWithLicense = expiresAt - exp <= LAST_MOMENTS_SECONDS
  if (time >= (endsWithLicense ? graceEndsAt : expiresAt)) {
    return { ...verified, ...refused('LICENSE_EXPIRED'), status: 'expired', refreshDue: true }
  }
  // A time that is none (NaN) makes nothing valid.
  if (time < (endsWithLicense ? graceEndsAt : exp)) {
    const refreshDue = isUnknown || time >= refreshAfter || latest >= refreshAfter || state === 'budget'
    return { ...verified, status: 'valid', usable: true, reason: 'OK', message: checkSentence('OK'), refreshDue }
  }
  if (time < graceEndsAt) {
    const message = unconfirmedSentence('grace', answer)
    return { ...verified, status: 'grace', usable: true, reason: 'TOKEN_EXPIRED', message, refreshDue: true }
  }
  const message = unconfirmedSentence(isUnknown ? 'unknown' : 'ended', answer)
  return { ...verified, ...refused('TOKEN_EXPIRED'), message, status: 'expired', refreshDue: true }
}

function refused<R extends LicenseCheck['reason']>(reason: R) {
  return { usable: false, reason, message: checkSentence(reason) } as const
}

function unverified<R extends LicenseCheck['reason']>(reason: R, persisted: boolean, refreshDue: boolean) {
  const nothing = { license: null, expiresAt: null, tokenExpiresAt: null, graceEndsAt: null, refreshAfter: null }
  return { ...nothing, ...refused(reason), persisted, refreshDue }
}

function describe({ key, license }: LicenseTokenClaims): LicenseDetails {
  const { entitlements, metadata, customerName } = license
  return { maskedKey: maskKey(key), entitlements, metadata, customerName }
}

/** Hides all of a license key but its end. An imported key may be so short that nothing of it is shown. */
export function maskKey(licenseKey: string): string {
  return licenseKey.length < 12 ? '…' : `…${licenseKey.slice(-4)}`
}

function toDate(seconds: number): Date {
  return new Date(Math.min(seconds * 1000, 8.64e15))
}
