import { accessTokens } from './access-tokens'
import { accounts } from './accounts'
import { activations } from './activations'
import { allowanceRaces, sharedAllowances } from './allowance-races'
import { allowances } from './allowances'
import { claims } from './claims'
import { customers } from './customers'
import { deliveries, deliveryRaces, sharedDeliveries } from './deliveries'
import { deliveryEnds } from './delivery-ends'
import { deviceUsers } from './device-users'
import { displacedHosts } from './displaced'
import { events } from './events'
import { handle } from './handle'
import { hostUsers } from './host-users'
import { housekeeping, idempotencyHousekeeping } from './housekeeping'
import { idempotency, replayedEvents } from './idempotency'
import { licenseCustomers } from './license-customers'
import { licenses } from './licenses'
import { moves } from './moves'
import { newLicenses } from './new-licenses'
import { optionalValues } from './optional-values'
import { paging } from './paging'
import {
  eventPersistence,
  idempotencyPersistence,
  outboxPersistence,
  persistence,
  revocationPersistence,
  sessionPersistence,
} from './persistence'
import { productVersions } from './product-versions'
import { products } from './products'
import { proof } from './proof'
import { races } from './races'
import { restingSlots } from './resting-slots'
import { revocations } from './revocations'
import { sessionEnds } from './session-ends'
import { sessionRaces, sharedSessions } from './session-races'
import { sessions } from './sessions'
import { sharedStore } from './shared-store'
import type { ConformanceGroup } from './stage'
import { transfer } from './transfer'
import { importedStores } from './transfer-imported'
import { importOutcomes } from './transfer-outcomes'
import { unseenHosts } from './unseen-hosts'
import { values } from './values'
import { webhookEndpoints } from './webhook-endpoints'

/** Every group of tests, the plain ones first. */
export const allGroups: readonly ConformanceGroup[] = [
  handle,
  products,
  productVersions,
  customers,
  accessTokens,
  newLicenses,
  licenses,
  licenseCustomers,
  claims,
  activations,
  moves,
  proof,
  hostUsers,
  deviceUsers,
  displacedHosts,
  restingSlots,
  unseenHosts,
  races,
  accounts,
  values,
  optionalValues,
  paging,
  housekeeping,
  events,
  idempotency,
  replayedEvents,
  idempotencyHousekeeping,
  sessions,
  sessionEnds,
  sessionRaces,
  revocations,
  allowances,
  allowanceRaces,
  webhookEndpoints,
  deliveries,
  deliveryEnds,
  deliveryRaces,
  transfer,
  importOutcomes,
  importedStores,
  persistence,
  idempotencyPersistence,
  eventPersistence,
  sessionPersistence,
  revocationPersistence,
  outboxPersistence,
  sharedStore,
  sharedSessions,
  sharedAllowances,
  sharedDeliveries,
]
