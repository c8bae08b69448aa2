import type { Trick } from '../trick'
import { CLOCK_TRICKS } from './clocks'
import { COPY_TRICKS } from './copies'
import { FILE_TRICKS } from './files'
import { FLOATING_TRICKS } from './floating'
import { NETWORK_TRICKS } from './networks'
import { SEAT_TRICKS } from './seats'
import { TRIAL_TRICKS } from './trials'

export const TRICKS: readonly Trick[] = [
  ...COPY_TRICKS,
  ...SEAT_TRICKS,
  ...CLOCK_TRICKS,
  ...NETWORK_TRICKS,
  ...FILE_TRICKS,
  ...TRIAL_TRICKS,
  ...FLOATING_TRICKS,
]
