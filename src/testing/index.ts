/**
 * The conformance kit: says whether a storage adapter keeps keyslot's storage contract. keyslot's own adapters run it.
 *
 * @packageDocumentation
 */
export { allGroups } from './groups'
export {
  type ConformanceOptions,
  type ConformanceRunner,
  type StorageFixture,
  storageConformance,
} from './kit'
export type { ConformanceGroup, Offering, Stage } from './stage'
