import { createHash } from 'node:crypto'
import type { Activation } from './activation'
import type { FindSpendings } from './charge-license'
import { type EntityChange, insert, remove, replace, type Spendings } from './decision'
import { presentUsers } from './device-user'
import { type HostKey, shownKey } from './host-keys'
import type { License } from './license'
import type { Proof } from './proof'

/** Names what a license remembers of those who lost a device: it is kept beside what was spent of its allowances. */
export const DISPLACED = 'displaced'

/** How long the one who was displaced may take the slot back. */
const PERIOD_MS = 7 * 86_400_000

/** More than allowances let through. The latest are kept. */
const MOST_KEPT = 64

/** What the holder of a license key has taken from somebody. */
interface Taken {
  readonly device: Activation
  /** By default everybody. */
  readonly user?: HostKey
}

/**
 * Remembers the oldest user of a device that somebody frees, replaces, or drops that user of, with nothing but the license key:
 * that user may take it back. Nothing is remembered of a host that never showed a key, or where the one who acts has an older key.
 *
 * @param devices of the license
 */
export function noteDisplaced(
  { license, devices, findSpendings }: DisplacedFacts,
  { device, user }: Taken,
  by: Proof,
  now: Date,
): readonly EntityChange[] {
  const [oldest] = presentUsers(device)
  if (oldest === undefined || by.trusted === true || (user !== undefined && user !== oldest)) return []
  // A stranger who was bound as the youngest user of some device is nobody's senior.
  const isSenior = devices.some((one) => {
    const [first] = one.keys
    return first !== undefined && first.boundAt < oldest.boundAt && shownKey(one, by, now) === first
  })
  if (isSenior) return []
  const before = findSpendings(DISPLACED)
  const live = before?.spent.filter(({ at }) => isLive(at, now)) ?? []
  const unit = [
    device.id,
    String(oldest.boundAt.getTime()),
    ...keysOf(oldest).map((key) => markOf(device.hostId, key)),
  ].join(' ')
  const after = { licenseId: license.id, name: DISPLACED, spent: [...live, { unit, at: now }].slice(-MOST_KEPT) }
  return [before === null ? insert('spendings', after) : replace('spendings', before, after)]
}

/** What it takes to remember who was displaced. */
export interface DisplacedFacts {
  readonly license: Pick<License, 'id'>
  readonly devices: readonly Activation[]
  readonly findSpendings: FindSpendings
}

/** That a host was displaced, and may take its slot back. */
export interface TakeBackRight {
  /** The id of its activation then. */
  readonly device: string
  readonly since: Date
  /** When its oldest user was bound to it. */
  readonly boundAt: Date
  /** Uses the right up. */
  readonly changes: readonly EntityChange[]
}

/** The right of a host that was displaced, and shows the key of its oldest user of then. */
export function findTakeBack(
  findSpendings: FindSpendings,
  { hostId, proofKey, recoveryKey }: Proof & { readonly hostId: string },
  now: Date,
): TakeBackRight | undefined {
  const before = findSpendings(DISPLACED)
  const marks = [proofKey, recoveryKey].flatMap((key) => (key ? [markOf(hostId, key)] : []))
  const entry = before?.spent.find(({ unit, at }) => isLive(at, now) && marks.some((mark) => unit.includes(mark)))
  if (before === null || entry === undefined) return undefined
  const after: Spendings = { ...before, spent: before.spent.filter((one) => one !== entry) }
  const [device = '', boundAt = ''] = entry.unit.split(' ')
  return { device, since: entry.at, boundAt: new Date(Number(boundAt)), changes: [replace('spendings', before, after)] }
}

/** What the vendor decides about devices and users is final: nobody comes back to what was theirs before. */
export function endRights(findSpendings: FindSpendings): readonly EntityChange[] {
  const before = findSpendings(DISPLACED)
  return before === null ? [] : [remove('spendings', before)]
}

/** The activation as its oldest user comes back to it, with the rank of before; unchanged for others. */
export function boundSince(activation: Activation, boundAt: Date | undefined): Activation {
  const [oldest, ...others] = activation.keys
  if (boundAt === undefined || oldest === undefined) return activation
  return { ...activation, keys: [{ ...oldest, boundAt }, ...others] }
}

/** The device that a displaced host takes: the one that was its own, else the youngest of those that came since. */
export function deviceToTake(devices: readonly Activation[], { device, since }: TakeBackRight): Activation | undefined {
  return devices.find(({ id }) => id === device) ?? devices.find(({ activatedAt }) => activatedAt >= since)
}

function isLive(at: Date, now: Date): boolean {
  return at.getTime() > now.getTime() - PERIOD_MS
}

function keysOf({ thumbprint, recovery, former }: HostKey): readonly string[] {
  return [thumbprint, ...(recovery === null ? [] : [recovery]), ...former]
}

function markOf(hostId: string, key: string): string {
  return createHash('sha256').update(`${hostId}\0${key}`).digest('base64url').slice(0, 16)
}
