import { chargeLicense } from './charge-license'
import { decideDrop } from './decide-drop'
import type { DeviceFacts, DeviceOutcome, DeviceRelease } from './decide-release'
import { type Decided, forNow, only } from './decision'
import { nameOfUser } from './device-user'
import { endRights, noteDisplaced } from './displaced'
import { type HostKey, shownKey } from './host-keys'
import { findDevice } from './license-device'
import { lacksProof } from './refuse-claim'
import { chargeForFreeing } from './resting-slot'
import { MAX_LIVE_ENTRIES } from './revoke'

/** How a user of a device is dropped. */
export interface UserDrop extends Omit<DeviceRelease, 'rules'> {
  /** The user, by the name that the list of devices gives it. */
  readonly drops: string
  /** Default: users are dropped as often as comes. */
  readonly rules?: Pick<NonNullable<DeviceRelease['rules']>, 'frees'> | undefined
}

export type UserDropOutcome = DeviceOutcome | { readonly kind: 'older-user' }

/**
 * Drops a user of a device. In this order: `no-self-service`; `proof-required`; `blocked`; `not-active` where there is no such
 * device or user; `dropped-before`. Whoever shows a key of the device drops its younger users, and is refused an `older-user`.
 * Whoever shows none has the license key, and drops any: `rate-limited` where that was done too often.
 */
export function decideDropUser(facts: DeviceFacts, request: UserDrop, now: Date): Decided<UserDropOutcome> {
  const { license, product, devices, findSpendings } = facts
  const device = findDevice(devices, request.device, product, request)
  if ('kind' in device && device.kind === 'no-self-service') return forNow({ kind: 'no-self-service' as const })
  if (lacksProof(product, null, request, now)) return forNow({ kind: 'proof-required' as const })
  if (license.blocked) return only({ kind: 'blocked' })
  const user = 'kind' in device ? undefined : device.keys.find((one) => nameOfUser(device, one) === request.drops)
  if ('kind' in device || user === undefined) return only({ kind: 'not-active' })
  const ended = request.trusted === true ? endRights(findSpendings) : []
  if (user.droppedAt !== null) return { outcome: { kind: 'dropped-before' }, changes: ended }

  const own = shownKey(device, request, now)
  if (own !== undefined && request.trusted !== true && !isOlder(device.keys, own, user)) {
    return forNow({ kind: 'older-user' as const })
  }
  const isFree = own !== undefined || request.trusted === true || request.rules === undefined
  const unit = { jti: `${device.jti} ${request.drops}` }
  const charges = isFree ? [] : [chargeForFreeing(request.rules.frees, devices, unit, request, now)]
  const paid = chargeLicense(license, findSpendings, charges, now)
  if (paid.kind === 'rate-limited') return forNow(paid)
  // Lists do not grow by what apps ask: beyond so many entries, what the user was given runs out by itself.
  const isListed = request.trusted === true || facts.countEntries() < MAX_LIVE_ENTRIES
  const notes = isFree ? [] : noteDisplaced(facts, { device, user }, request, now)
  const { revoked = [], ...dropped } = decideDrop(license, device, user.thumbprint, facts.ceiling, now)
  return {
    ...dropped,
    changes: [...dropped.changes, ...paid.changes, ...notes, ...ended],
    told: { ...dropped.told, hostId: device.hostId },
    ...(isListed && { revoked }),
  }
}

/** Keys are in the order in which they were bound. */
function isOlder(keys: readonly HostKey[], one: HostKey, other: HostKey): boolean {
  return keys.indexOf(one) < keys.indexOf(other)
}
