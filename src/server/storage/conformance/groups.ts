import { accessTokens } from './access-tokens'
import { accounts } from './accounts'
import { activations } from './activations'
import { claims } from './claims'
import { customers } from './customers'
import { events } from './events'
import { handle } from './handle'
import { housekeeping, idempotencyHousekeeping } from './housekeeping'
import { idempotency, replayedEvents } from './idempotency'
import type { ConformanceGroup } from './kit'
import { licenses } from './licenses'
import { newLicenses } from './new-licenses'
import { paging } from './paging'
import { eventPersistence, idempotencyPersistence, persistence } from './persistence'
import { products } from './products'
import { races } from './races'
import { sharedStore } from './shared-store'
import { values } from './values'

/** Every group of tests, the plain ones first. */
export const allGroups: readonly ConformanceGroup[] = [
  handle,
  products,
  customers,
  accessTokens,
  newLicenses,
  licenses,
  claims,
  activations,
  races,
  accounts,
  values,
  paging,
  housekeeping,
  events,
  idempotency,
  replayedEvents,
  idempotencyHousekeeping,
  persistence,
  idempotencyPersistence,
  eventPersistence,
  sharedStore,
]
