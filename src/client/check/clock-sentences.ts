import { CLOCK_TOLERANCE_SECONDS } from '../../protocol'
import type { ClockState } from '../trust/judge-clock'
import type { LicenseCheck } from '../words/license-check'

/** The clock of this computer went back, and the license goes on for a while. */
const BUDGET = 'The clock of this computer has gone back. Please connect to the internet within a few days.'

/** A person cannot know which of its two readings was wrong, and setting a right clock wrong would not help. */
const SPENT =
  'The clock of this computer was ahead once, or is behind now. Please connect to the internet, or ask the vendor for a new license file.'

const BEHIND_SIGNED = {
  unknown:
    'The clock of this computer is behind the time at which the license was signed. Please check date and time, or connect to the internet.',
  own: 'The clock of this computer is behind. Please correct date and time, or connect to the internet.',
  vendor:
    'The clock of this computer seems right: the license was signed by a clock that is ahead. Please connect to the internet later, or ask the vendor.',
}

/**
 * What a check says where a clock is wrong: which one that is, as far as the server has told its time, and what to do. What ends
 * the license for another reason is said as ever. Pure.
 *
 * @param serverAheadSeconds how far the server's clock is ahead of this computer's; undefined where it has not answered
 */
export function withClockSentence(
  found: LicenseCheck,
  state: ClockState,
  serverAheadSeconds: number | undefined,
): LicenseCheck {
  if (found.status === 'clock-tampered') {
    return { ...found, message: state === 'spent' ? SPENT : BEHIND_SIGNED[whoseClock(serverAheadSeconds)] }
  }
  return state === 'budget' && found.status === 'valid' && found.reason === 'OK' ? { ...found, message: BUDGET } : found
}

function whoseClock(serverAheadSeconds: number | undefined): keyof typeof BEHIND_SIGNED {
  if (serverAheadSeconds === undefined) return 'unknown'
  return serverAheadSeconds > CLOCK_TOLERANCE_SECONDS ? 'own' : 'vendor'
}
