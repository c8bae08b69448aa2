import {
  type Activation,
  isLastSeenStale,
  seeActivation,
  startActivation,
  type Takeover,
  takeOver,
  takeoverOf,
} from './activation'
import { chargeLicense, type Paid, type RateLimited } from './charge-license'
import { chooseSlot, type SlotChoice, type SlotFacts } from './choose-slot'
import type { Customer } from './customer'
import { type Decided, forNow, insert, only, type Revoked, rely, remove, replace } from './decision'
import { boundSince } from './displaced'
import { activationForFile, type FileRequest, lacksEnd } from './file-end'
import { usersOf } from './host-keys'
import { isSuccession } from './host-user'
import { isSoldFor, type License } from './license'
import type { DeviceRefusal } from './license-device'
import type { Product } from './product'
import type { ProductVersion } from './product-version'
import { type ClaimRefusal, refuseClaim } from './refuse-claim'
import { restsUntil } from './resting-slot'
import { isScarce, leaveUnlisted, noteRevoked, revokeActivation } from './revoke'
import { type SlotRequest, usersPerHost } from './slot-request'
import { newFloor, type Stamped, stampToken } from './stamp'

/** The rows a claim was decided on, as they are after the step. */
export interface ActivationRows {
  readonly license: License
  readonly product: Product
  readonly customer: Customer | null
  readonly activation: Activation
  /** The version that the license is tied to, where the outcome is kept to be told again: it may change. */
  readonly version?: ProductVersion | null
}

export type ClaimOutcome = Stamped<SlotOutcome>

type SlotOutcome =
  | ({ readonly kind: 'created' | 'existing' | Exclude<Takeover, 'moved'> } & ActivationRows)
  /** With the host that held the slot before. */
  | ({ readonly kind: 'moved'; readonly previousHostId: string } & ActivationRows)
  | { readonly kind: ClaimRefusal }
  | DeviceRefusal
  | RateLimited
  /** A license file would never end. */
  | { readonly kind: 'end-needed' }
  | { readonly kind: 'gone' }

/** What a claim is decided on. */
export interface ClaimFacts extends Omit<SlotFacts, 'license' | 'product'> {
  readonly accountId: string
  readonly license: License | null
  readonly product: Product | null
}

/**
 * Claims an activation slot for a host. In this order: `gone` unless the license is sold for the product; what `chooseSlot`
 * says of a device that cannot be replaced; what `refuseClaim` says, `limit-reached` included where the slot is a new one;
 * `rate-limited` where it cannot be paid for. Else the host has the slot that was chosen: what `takeoverOf` says of it,
 * else `existing`, or `created` for a new one. Whoever is refused is charged nothing.
 */
export function decideClaim(facts: ClaimFacts, claim: SlotRequest, now: Date): Decided<ClaimOutcome> {
  return stampToken(claimSlot(facts, claim, now), facts.ceiling, now)
}

function claimSlot(facts: ClaimFacts, claim: SlotRequest, now: Date): Decided<SlotOutcome> {
  const { accountId, license, product } = facts
  if (license === null || !isSoldFor(license, product, accountId)) return only({ kind: 'gone' })
  if (claim.file !== undefined && lacksEnd(license, claim.file)) return forNow({ kind: 'end-needed' })
  const sold = { ...facts, license, product }
  const slot = chooseSlot(sold, claim, now)
  if ('kind' in slot) return forNow(slot)

  const room = slot.takesBack ? { maxActivations: null } : {}
  const roomy = { ...license, ...room, activationCount: license.activationCount - slot.freed.length }
  const asked = { ...claim, ...slot.proof, ...(slot.returns === 'user' && { isRestored: true as const }) }
  const refusal = refuseClaim({ ...sold, license: roomy, activation: slot.held }, asked, now)
  if (refusal !== undefined) return { ...only({ kind: refusal }), about: license }
  const paid = chargeLicense(license, facts.findSpendings, slot.charges, now)
  if (paid.kind === 'rate-limited') return forNow(paid)
  return takeSlot(sold, slot, asked, paid, now)
}

type Sold = Omit<ActivationRows, 'activation' | 'version'>
type Stamps = Pick<SlotFacts, 'ceiling' | 'findEntries'>

function takeSlot(
  { license, product, customer, ...stamps }: Sold & Stamps,
  { held, freed, replaces, takesBack, notes, returns, boundAt }: SlotChoice,
  claim: SlotRequest,
  paid: Paid,
  now: Date,
): Decided<SlotOutcome> {
  const sold = { license, product, customer }
  const takeover = held === null ? undefined : takeoverOf(held, claim, now)
  if (held !== null && takeover === undefined) return seeAgain(sold, held, claim, now)
  const revoked =
    held === null || takeover === undefined
      ? []
      : endTokens(license, held, takeover, { ...claim, replaces }, stamps, now)
  const floor = Math.max(newFloor(license, stamps.findEntries, now), ...stampsOn(claim.hostId, revoked))
  const started =
    held === null
      ? startActivation(license, product, claim, floor, now)
      : takeOver(held, product, claim, { usersPerHost: usersPerHost(sold, claim), replaces, stampFloor: floor }, now)
  if (started === 'users-exceeded') return { ...forNow({ kind: 'users-exceeded' }), about: license }
  const activation = givenFile(sold, boundSince(started, boundAt), claim.file, now)
  if (activation === null) return forNow({ kind: 'end-needed' })

  const changes = [...rely('product', product), ...rely('customer', customer), ...paid.changes, ...notes]
  if (held === null || takeover === undefined) {
    const counted = { ...license, activationCount: license.activationCount - freed.length + 1 }
    const made = [replace('license', license, counted), insert('activation', activation)]
    // Their tokens have ended.
    const gone = freed.map((one) => remove('activation', one))
    return {
      outcome: { ...sold, kind: 'created', license: counted, activation },
      changes: [...made, ...gone, ...changes],
      ...tellTaken(freed, takesBack),
    }
  }
  const { hostId } = held
  const noted = noteRevoked(license, revoked)
  const left = takeover === 'moved' && revoked.length === 0 ? leaveUnlisted(noted, held, now) : noted
  const outcome = { ...sold, license: left, activation }
  return {
    outcome:
      takeover === 'moved' ? { ...outcome, kind: takeover, previousHostId: hostId } : { ...outcome, kind: takeover },
    // The license changes hands: whoever counts or blocks it meanwhile decides again.
    changes: [...handOver(held, activation), replace('license', license, left), ...changes],
    revoked,
    told: {
      ...(replaces && { previousHostIds: [hostId] }),
      ...(returns !== undefined && { returned: true }),
      ...(takeover === 'rebound' && {
        ...tellUsers(activation, usersPerHost(sold, claim), now),
        ...tellRecovery(held, claim),
      }),
    },
  }
}

/** What an event tells of where a new slot comes from. */
function tellTaken(freed: readonly Activation[], takesBack: boolean) {
  if (takesBack) return { told: { takenBack: true } }
  const displaced = freed.filter((one) => restsUntil(one) === null).map(({ hostId }) => hostId)
  return displaced.length > 0 && { told: { displacedHostIds: displaced } }
}

/** How many users the host has now, and how many more it may have. */
function tellUsers(activation: Activation, most: number | undefined, now: Date) {
  const users = usersOf(activation, now).length
  return { users, ...(most !== undefined && { usersLeft: Math.max(0, most - users) }) }
}

/** Set where a user of the host has lost a key, and goes on with another. */
function tellRecovery({ keys }: Activation, claim: SlotRequest): { readonly recovered?: true } {
  return isSuccession(keys, claim) ? { recovered: true } : {}
}

/**
 * The tokens that end with a takeover: those of the host before. The host of a slot that rested goes on with the tokens it had,
 * and so do the users of one that has another.
 */
function endTokens(
  license: License,
  held: Activation,
  takeover: Takeover,
  { trusted, replaces }: SlotRequest & { readonly replaces: boolean },
  { ceiling }: Stamps,
  now: Date,
): readonly Revoked[] {
  const isMoved = takeover === 'moved' && (isScarce(license) || trusted === true)
  if (!isMoved && !replaces) return []
  return revokeActivation(license, held, ceiling, now)
}

/** A host that takes its own slot back from somebody who went by its name is given tokens above those that end. */
function stampsOn(claimant: string, revoked: readonly Revoked[]): readonly number[] {
  return revoked.filter(({ subject: [, hostId] }) => hostId === claimant).map(({ stamp }) => stamp)
}

function handOver(held: Activation, taken: Activation) {
  if (held.hostId === taken.hostId) return [replace('activation', held, taken)]
  return [remove('activation', held), insert('activation', taken)]
}

function seeAgain(sold: Sold, held: Activation, claim: SlotRequest, now: Date): Decided<SlotOutcome> {
  const isStale = isLastSeenStale(held, sold.product, claim, now)
  const seen = noteLogin(isStale ? seeActivation(held, sold.product, claim, now) : held, claim)
  const activation = givenFile(sold, seen, claim.file, now)
  if (activation === null) return forNow({ kind: 'end-needed' })
  return {
    outcome: { ...sold, kind: 'existing', activation },
    // Relied on: whoever blocks the license revokes its tokens until the instants that stand here.
    changes: activation === held ? [] : [replace('activation', held, activation), ...rely('license', sold.license)],
  }
}

/** A slot that is the host's already may have been taken in another way, or come with an import. */
function noteLogin(activation: Activation, { authtoolProductId = null }: SlotRequest): Activation {
  const isNoted = authtoolProductId === null || authtoolProductId === activation.authtoolProductId
  return isNoted ? activation : { ...activation, authtoolProductId }
}

function givenFile({ license, product }: Sold, activation: Activation, file: FileRequest | undefined, now: Date) {
  return file === undefined ? activation : activationForFile(license, product, activation, file, now)
}
