import { CLOCK_TOLERANCE_SECONDS } from '../../protocol'
import type { KitContext } from '../kit-context'
import { type CachedActivation, isAbout } from '../store/cache-record'
import { type JudgedTime, judgeClock } from '../trust/judge-clock'
import type { Reading } from '../trust/known-time'
import { startOf } from '../trust/running-time'
import type { LicenseCheck } from '../words/license-check'
import { withClockSentence } from './clock-sentences'
import type { VerifiedStanding } from './decide'
import { timeKnownTo } from './time-now'

/** The times in the file are written when they have moved this far, so that checks in a hot path hardly ever write. */
const STEP_SECONDS = CLOCK_TOLERANCE_SECONDS

/**
 * Keeps what a check has found out about the time, in this process and, when it is worth writing, in the cache file; and says
 * what is wrong with which clock.
 *
 * @param found what the check says
 * @param usableUntil the end of grace as the check has found it, which a bridge may have put off
 */
export async function settleTime(
  context: KitContext,
  activation: CachedActivation,
  { claims, clock }: VerifiedStanding,
  reading: Reading,
  { found, usableUntil }: { readonly found: LicenseCheck; readonly usableUntil: Date | null },
): Promise<LicenseCheck> {
  const judge = (activation: CachedActivation) => {
    const known = timeKnownTo(context, activation, claims)
    const after = judgeClock({ ...known, end: Math.max(known.end, Number(usableUntil) / 1000) }, reading)
    const before = instantsIn(known)
    const isMoved = instantsIn(after).some((instant, at) => Math.abs(instant - (before[at] ?? 0)) >= STEP_SECONDS)
    return { known, after, isMoved }
  }
  const { known, after, isMoved } = judge(activation)
  const { anchor } = after.marks
  if (after.marks !== known.marks && anchor !== undefined) context.boot.startedAt = startOf(anchor)
  if (isMoved) {
    await context.cache.update((stored) => {
      // Another process may have replaced the token, or written this already.
      if (stored.kind !== 'activation' || !isAbout(stored, activation.licenseToken)) return undefined
      const again = judge(stored.activation)
      if (!again.isMoved) return undefined
      const { highestTimeSeen, marks } = again.after
      return { kind: 'activation', activation: { ...stored.activation, highestTimeSeen, clock: marks } }
    })
  }
  return withClockSentence(found, clock.state, context.boot.serverAheadSeconds)
}

/** What is written when one of it has moved: the mark, what was spent, the anchor, and with it the boot. */
function instantsIn({ highestTimeSeen, marks }: Pick<JudgedTime, 'highestTimeSeen' | 'marks'>): readonly number[] {
  const { anchor, spent = 0 } = marks
  return [highestTimeSeen, spent, anchor?.time ?? 0, anchor === undefined ? 0 : startOf(anchor)]
}
