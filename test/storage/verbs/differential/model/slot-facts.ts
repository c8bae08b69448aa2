import type { SlotFacts } from '../../../../../src/domain/choose-slot'
import { isExpired, type License } from '../../../../../src/domain/license'
import { MAX_DEVICES } from '../../../../../src/domain/license-device'
import type { SlotRequest } from '../../../../../src/domain/slot-request'
import { newestFirst } from './lists'
import type { Tables } from './tables'

/** What is known of a license whose slot somebody asks for. */
export function slotFacts(
  tables: Tables,
  license: License,
  { hostId, previousHostIds = [] }: SlotRequest,
  now: Date,
): Omit<SlotFacts, 'product'> {
  const hosts = tables.activationsOf(license.id)
  return {
    ...licenseFacts(tables, license, now),
    activations: [hostId, ...previousHostIds].flatMap((id) => hosts.get(id) ?? []),
    findResting: () => [...hosts.values()],
    findEnded: () =>
      [...hosts.values()].toSorted(
        (a, b) => a.tokensEndAt.getTime() - b.tokensEndAt.getTime() || (a.hostId < b.hostId ? -1 : 1),
      ),
    findDevices: () => devicesOf(tables, license),
    findEntries: () => entriesOf(tables, license, hostId),
  }
}

/** The entries of a host on the revocation list. */
export function entriesOf(tables: Tables, license: License, hostId: string) {
  return [...tables.revocations.values()].filter((one) => one.licenseId === license.id && one.hostId === hostId)
}

/** What is known of a license that a slot of is freed. */
export function licenseFacts(tables: Tables, license: License, now: Date) {
  return {
    license,
    customer: tables.customers.get(license.customerId ?? '') ?? null,
    devices: devicesOf(tables, license),
    ceiling: tables.stampCeiling,
    findSpendings: (name: string) => {
      const spent = tables.spendingsOf(license.id).get(name)
      return spent === undefined ? null : { licenseId: license.id, name, spent }
    },
    countEntries: () =>
      [...tables.revocations.values()].filter(
        ({ licenseId, rank, endsAt }) => licenseId === license.id && rank === 0 && !isExpired(endsAt, now),
      ).length,
  }
}

function devicesOf(tables: Tables, { id }: License) {
  return newestFirst(tables.activationsOf(id).values()).slice(0, MAX_DEVICES)
}
