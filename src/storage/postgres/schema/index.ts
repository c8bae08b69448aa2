import { CLAIM_FUNCTIONS } from './claim-functions'
import { HOUSEKEEPING_FUNCTIONS } from './housekeeping-functions'
import { LICENSE_FUNCTIONS } from './license-functions'
import { RUN_STEP } from './run-step'
import { SESSION_FUNCTIONS } from './session-functions'
import { STEP_FUNCTIONS } from './step-functions'
import { TABLES } from './tables'

/**
 * Each entry takes the schema one version up; the table `schema_version` says how many have run. Never change one that
 * has been released, add another. (None has been yet: the first one is still changed in place.)
 */
export const MIGRATIONS: readonly string[] = [
  [
    TABLES,
    STEP_FUNCTIONS,
    LICENSE_FUNCTIONS,
    CLAIM_FUNCTIONS,
    SESSION_FUNCTIONS,
    HOUSEKEEPING_FUNCTIONS,
    RUN_STEP,
  ].join(''),
]
