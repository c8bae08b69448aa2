import { follows } from './follow'
import { closing, opening, persistence } from './lifecycle'
import { pages } from './pages'
import { raceGroups } from './races'
import { changeSets } from './sets'
import type { ConformanceGroup } from './stage'
import { uniqueSets } from './uniqueness'
import { values } from './values'
import { versions, versionsTogether } from './versions'
import { walks } from './walks'

/** Everything an adapter is tried for. */
export const allGroups: readonly ConformanceGroup[] = [
  changeSets,
  uniqueSets,
  walks,
  pages,
  follows,
  values,
  ...raceGroups,
  persistence,
  closing,
  opening,
  versions,
  versionsTogether,
]
