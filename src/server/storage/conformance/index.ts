/**
 * The conformance kit: says whether a storage adapter keeps keyslot's storage contract. keyslot's own adapters run it.
 *
 * @packageDocumentation
 */
export { accessTokens } from './access-tokens'
export { accounts } from './accounts'
export { activations } from './activations'
export { claims } from './claims'
export { customers } from './customers'
export { events } from './events'
export { allGroups } from './groups'
export { handle } from './handle'
export { housekeeping, idempotencyHousekeeping } from './housekeeping'
export { idempotency, replayedEvents } from './idempotency'
export type {
  ConformanceGroup,
  ConformanceOptions,
  ConformanceRunner,
  Offering,
  Stage,
  StorageFixture,
} from './kit'
export { storageConformance } from './kit'
export { licenses } from './licenses'
export { newLicenses } from './new-licenses'
export { paging } from './paging'
export { eventPersistence, idempotencyPersistence, persistence } from './persistence'
export { products } from './products'
export { races } from './races'
export { sharedStore } from './shared-store'
export { values } from './values'
