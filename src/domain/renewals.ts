import type { CloneRule } from '../protocol/enumerations'

/**
 * What is known of the license tokens that the holder of a key was given, one after the other. Each token carries a number (claim
 * `ren`), and its holder shows it when it asks for the next one.
 */
export interface Renewals {
  /** The number of the newest token. */
  readonly count: number
  /** The number that was shown for it: good until the new one is shown, for an answer may be lost. */
  readonly previous: number
  /** When the newest number was given out. */
  readonly at: Date
  /** Tokens up to this number renew nothing: their holders must activate again. -1 where there are none. */
  readonly ended: number
  /** When an event last told of a clone. */
  readonly clonedAt: Date | null
}

/** Numbers advance at most this often: what comes within it, a retry or another process of the host, is given the same. */
const ADVANCE_INTERVAL_MS = 300_000
/** A clone that goes on is told of so often. */
const CLONE_TOLD_MS = 86_400_000

/** No backup is further behind: a number that is made up does not use the numbers up. */
const MOST_AHEAD = 1_000_000

/** What a number that is shown comes to; see {@link decideRenewal}. */
export interface Renewal {
  readonly kind: 'same' | 'renewed' | 'cloned' | 'ended-now' | 'ended'
  readonly renewals: Renewals
}

/** What is known of a key whose holder has shown no number yet. */
export function firstRenewals(boundAt: Date): Renewals {
  return { count: 0, previous: 0, at: boundAt, ended: -1, clonedAt: null }
}

/**
 * What a number that is shown comes to. `cloned` where two holders of one state have both renewed: the number was given out, and
 * passed over since, because the one before it was shown once more. `ended-now` is the same where the product has both activate
 * again, and `ended` says so to whoever comes later. A number below `previous` is a folder from a backup, whose other branch may be
 * gone for good: the line goes on from it, and is seen to be forked once a number between comes back. One above `count` is a
 * server from a backup.
 *
 * @param shown undefined where none was: plain clients have none
 */
export function decideRenewal(known: Renewals, shown: number | undefined, rule: CloneRule, now: Date): Renewal {
  if (shown === undefined || shown > known.count + MOST_AHEAD) return { kind: 'same', renewals: known }
  if (shown <= known.ended) return { kind: 'ended', renewals: known }
  if (shown > known.count) return advance(known, { previous: shown, count: shown + 1 }, now)
  const isFork = shown > known.previous && shown < known.count
  if (isFork && !isWithin(known.clonedAt, CLONE_TOLD_MS, now)) return fork(known, shown, rule, now)
  if (isWithin(known.at, ADVANCE_INTERVAL_MS, now)) return { kind: 'same', renewals: known }
  return advance(known, { previous: shown, count: known.count + 1 }, now)
}

function advance(known: Renewals, line: Pick<Renewals, 'previous' | 'count'>, now: Date): Renewal {
  return { kind: 'renewed', renewals: { ...known, ...line, at: now } }
}

function fork(known: Renewals, shown: number, rule: CloneRule, now: Date): Renewal {
  const count = known.count + 1
  const told = { ...known, count, at: now, clonedAt: now }
  if (rule === 'event') return { kind: 'cloned', renewals: { ...told, previous: shown } }
  // Told of again as soon as it happens again: who has activated since is forked anew.
  return { kind: 'ended-now', renewals: { ...told, previous: count, ended: known.count, clonedAt: null } }
}

/** False where a clock was set back behind that instant, too. */
function isWithin(since: Date | null, lengthMs: number, now: Date): boolean {
  const elapsed = since === null ? Number.NaN : now.getTime() - since.getTime()
  return elapsed >= 0 && elapsed < lengthMs
}
