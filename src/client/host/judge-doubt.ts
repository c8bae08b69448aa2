import { checkSentence } from '../words/check-sentences'
import type { GraceCheck, LicenseCheck, ValidCheck, WrongHostCheck } from '../words/license-check'

/** Why this host is not surely the one that the license was activated on. */
export type Doubt =
  /** Its id is another one, and the data folder is the same. */
  | { readonly kind: 'changed'; readonly since: number }
  /** Its id cannot be read, and is the one that the data folder remembers. */
  | { readonly kind: 'unread'; readonly since: number }
  /** Its id and its data folder are others: the folder was copied, or moved to another computer. */
  | { readonly kind: 'other' }

/** How long a host in doubt goes on without contact. */
const DOUBT_SECONDS = 7 * 86_400
/** So long nobody is warned of an id that cannot be read: it may be readable at the next start. */
const UNREAD_SECONDS = 86_400

const SENTENCES = {
  unread: 'This computer cannot be identified: its machine id cannot be read. Please connect to the internet.',
  taken:
    'The license is in use on another computer, and has no place left for this one. Please free a place, or activate here again.',
}

/** What the server says that knows no slot for this host, or has none. */
const NO_SLOT: readonly string[] = ['ACTIVATION_LIMIT_REACHED', 'ACTIVATION_NOT_FOUND', 'ACTIVATION_REVOKED']

/**
 * What `check()` says where the host is in doubt. Pure. A license that is usable is so for 7 days from when the doubt was first
 * seen, and never past its own end. Contact mends every doubt, so `refreshDue` is true.
 *
 * @param found what the check says without regard to the doubt
 * @param time Unix seconds: the clock, or the highest time seen
 */
export function judgeDoubt(found: LicenseCheck, doubt: Doubt, time: number): LicenseCheck {
  if (doubt.kind === 'other') return found.status === 'wrong-host' ? askedElsewhere(found) : found
  if (found.status === 'expired') return withSlotSentence(found)
  if (found.status !== 'valid' && found.status !== 'grace') return found
  const end = doubt.since + DOUBT_SECONDS
  if (!(time < end)) return over(found, doubt.kind)
  const shorter = {
    ...found,
    tokenExpiresAt: earlier(found.tokenExpiresAt, end),
    graceEndsAt: earlier(found.graceEndsAt, end),
  }
  if (doubt.kind === 'unread' && time < doubt.since + UNREAD_SECONDS) return shorter
  return { ...shorter, reason: 'HOST_CHANGED', message: checkSentence('HOST_CHANGED'), refreshDue: true }
}

function over({ persisted, lastContact }: ValidCheck | GraceCheck, kind: 'changed' | 'unread'): LicenseCheck {
  const reason = kind === 'changed' ? 'TOKEN_WRONG_HOST' : 'HOST_ID_UNAVAILABLE'
  const nothing = { license: null, expiresAt: null, tokenExpiresAt: null, graceEndsAt: null, refreshAfter: null }
  const found = { ...nothing, status: 'wrong-host', usable: false, reason, persisted, lastContact } as const
  const message = kind === 'changed' ? checkSentence(reason) : SENTENCES.unread
  return askedElsewhere({ ...found, message, refreshDue: true })
}

function askedElsewhere(found: WrongHostCheck): WrongHostCheck {
  return { ...withSlotSentence(found), refreshDue: true }
}

/** Contact was made and has not helped: the sentence must not ask for contact. */
function withSlotSentence<C extends LicenseCheck>(found: C): C {
  const code = found.lastContact?.code
  if (code === undefined || !NO_SLOT.includes(code)) return found
  return {
    ...found,
    message: code === 'ACTIVATION_LIMIT_REACHED' ? SENTENCES.taken : checkSentence('TOKEN_WRONG_HOST'),
  }
}

function earlier(date: Date, seconds: number): Date {
  return new Date(Math.min(date.getTime(), seconds * 1000))
}
