/**
 * The conformance kit: says whether a storage adapter keeps keyslot's storage contract. keyslot's own adapters run it.
 *
 * @packageDocumentation
 */
export { accessTokens } from './access-tokens'
export { accounts } from './accounts'
export { activations } from './activations'
export { allowanceRaces, sharedAllowances } from './allowance-races'
export { allowances } from './allowances'
export { claims } from './claims'
export { customers } from './customers'
export { deliveries, deliveryRaces, sharedDeliveries } from './deliveries'
export { deliveryEnds } from './delivery-ends'
export { events } from './events'
export { allGroups } from './groups'
export { handle } from './handle'
export { housekeeping, idempotencyHousekeeping } from './housekeeping'
export { idempotency, replayedEvents } from './idempotency'
export type { ConformanceOptions, ConformanceRunner, StorageFixture } from './kit'
export { storeConformance } from './kit'
export { licenseCustomers } from './license-customers'
export { licenses } from './licenses'
export { moves } from './moves'
export { newLicenses } from './new-licenses'
export { optionalValues } from './optional-values'
export { paging } from './paging'
export {
  eventPersistence,
  idempotencyPersistence,
  outboxPersistence,
  persistence,
  revocationPersistence,
  sessionPersistence,
} from './persistence'
export { productVersions } from './product-versions'
export { products } from './products'
export { proof } from './proof'
export { races } from './races'
export { restingSlots } from './resting-slots'
export { revocations } from './revocations'
export { sessionEnds } from './session-ends'
export { sessionRaces, sharedSessions } from './session-races'
export { sessions } from './sessions'
export { sharedStore } from './shared-store'
export type { ConformanceGroup, ConformanceTest, Offering, Stage } from './stage'
export { transfer } from './transfer'
export { importedStores } from './transfer-imported'
export { importOutcomes } from './transfer-outcomes'
export { unseenHosts } from './unseen-hosts'
export { values } from './values'
export { webhookEndpoints } from './webhook-endpoints'
