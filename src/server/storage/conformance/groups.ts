import { accessTokens } from './access-tokens'
import { accounts } from './accounts'
import { activations } from './activations'
import { customers } from './customers'
import { events } from './events'
import { handle } from './handle'
import { housekeeping, idempotencyHousekeeping } from './housekeeping'
import { idempotency, replayedEvents } from './idempotency'
import type { ConformanceGroup } from './kit'
import { licenses } from './licenses'
import { paging } from './paging'
import { eventPersistence, idempotencyPersistence, persistence } from './persistence'
import { products } from './products'
import { races, sharedStore } from './races'
import { values } from './values'

/** Every group of tests, the plain ones first. */
export const allGroups: readonly ConformanceGroup[] = [
  handle,
  products,
  customers,
  accessTokens,
  licenses,
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
