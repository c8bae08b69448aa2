import { type Activation, findHeld } from './activation'
import type { Charge } from './allowance'
import type { FindSpendings } from './charge-license'
import { chargeLicense } from './charge-license'
import { chargesForRebinding } from './charge-rebinding'
import type { Customer } from './customer'
import type { EntityChange } from './decision'
import { presentUsers } from './device-user'
import { deviceToTake, findTakeBack, noteDisplaced } from './displaced'
import { isDropped, shownKey } from './host-keys'
import { changedAt, hasFreeSlot, type License } from './license'
import { type DeviceRefusal, findDevice } from './license-device'
import { isTakenBack } from './live-token'
import type { Product } from './product'
import type { Proof } from './proof'
import { lacksProof, refuseClaim } from './refuse-claim'
import { chargeForChange, chargeForFreeing, hasRested, yieldsSlot } from './resting-slot'
import { isScarce, MAX_LIVE_ENTRIES } from './revoke'
import type { SeatRules } from './seat-rules'
import { type SlotRequest, usersPerHost } from './slot-request'
import type { FindEntries } from './stamp'

/** A license that is sold for a product, with what a slot of it depends on. */
export interface SlotFacts {
  readonly license: License
  readonly product: Product
  readonly customer: Customer | null
  /** The license's activations on this host and its previous ones. */
  readonly activations: readonly Activation[]
  /** Finds the license's activations, the newest first. */
  readonly findDevices: () => readonly Activation[]
  /** Finds the license's activations whose slots have rested. */
  readonly findResting: () => readonly Activation[]
  /** Finds the license's activations whose license tokens have ended, the longest first. */
  readonly findEnded: () => readonly Activation[]
  readonly findSpendings: FindSpendings
  /** The ceiling of stamps. */
  readonly ceiling: number
  /** Counts the license's live entries on the revocation list, up to `MAX_LIVE_ENTRIES`. */
  readonly countEntries: () => number
  readonly findEntries: FindEntries
}

/** The slot that a host is to have, and what that costs. */
export interface SlotChoice {
  /** The activation it takes over, or holds already; null for a new one. */
  readonly held: Activation | null
  readonly proof: Proof
  /** The activations whose slots have rested, or nobody can use any more: freed to make room. */
  readonly freed: readonly Activation[]
  readonly charges: readonly Charge[]
  /** True where the slot is that of the device it asked to replace. */
  readonly replaces: boolean
  /** True where the host had the slot already, and the store has forgotten it: `isTakenBack`. */
  readonly takesBack: boolean
  /** What is remembered of who was displaced. */
  readonly notes: readonly EntityChange[]
  /** Set where the host was displaced, and comes back: to its slot, or as a user of it. */
  readonly returns?: 'host' | 'user'
  /** When the oldest user of such a host was bound first: a return is no new beginning. */
  readonly boundAt?: Date
}

/** Which slot a host is to have, if its claim is not refused: its own, a previous host's, a device's, or a new one. */
export function chooseSlot(
  facts: SlotFacts,
  claim: SlotRequest,
  now: Date,
): SlotChoice | DeviceRefusal | { readonly kind: 'proof-required' } {
  const on = (hostId: string) => facts.activations.find((one) => one.hostId === hostId) ?? null
  const own = on(claim.hostId)
  const back =
    own !== null && shownKey(own, claim, now) !== undefined ? undefined : chooseReturn(facts, own, claim, now)
  if (back !== undefined) return back
  if (own !== null) {
    return choose(claim, { held: own, charges: chargesForRebinding(own, claim, usersPerHost(facts, claim), now) })
  }
  if (claim.replaceDevice === undefined) {
    const held = findHeld(claim, on, now, changedAt(facts.license, facts.customer))
    const moved =
      held !== null && mayFollow(held, claim) ? chooseMove(facts, choose(claim, { held }), claim, now) : undefined
    return moved ?? chooseNew(facts, claim, now)
  }
  const device = findDevice(facts.findDevices(), claim.replaceDevice, facts.product, claim)
  if ('kind' in device) return device
  // The product may ask every app for a key all the same.
  if (lacksProof(facts.product, null, claim, now)) return { kind: 'proof-required' }
  // Trusted as to that device's key, and to nothing else.
  const replacement = choose(claim, { held: device, replaces: true, proof: { ...proofOf(claim), trusted: true } })
  return chooseMove(facts, replacement, claim, now) ?? chooseNew(facts, claim, now)
}

/** The slot of a host that was displaced and comes back, at no cost; undefined where it was not. */
function chooseReturn(facts: SlotFacts, own: Activation | null, claim: SlotRequest, now: Date): SlotChoice | undefined {
  const { proofKey, trusted, rules } = claim
  if (!proofKey || trusted === true || rules === undefined) return undefined
  const right = findTakeBack(facts.findSpendings, claim, now)
  if (right === undefined) return undefined
  const { boundAt, changes: notes } = right
  if (own !== null && isDropped(own, claim)) return choose(claim, { held: own, notes, returns: 'user' })
  if (own === null && hasFreeSlot(facts.license)) return { ...chooseNew(facts, claim, now), notes, boundAt }
  const held = own ?? deviceToTake(facts.findDevices(), right)
  // Whoever came to the license before, and is there, need not make way.
  if (held === undefined || presentUsers(held).some((one) => one.boundAt < boundAt)) return undefined
  return choose(claim, {
    held,
    notes,
    returns: 'host',
    boundAt,
    replaces: true,
    proof: { ...proofOf(claim), trusted: true },
  })
}

/**
 * Whether the slot of a previous host may go on with this one. A host that shows the previous one's license token may be a copy of
 * it: it has the slot only where nobody has renewed since, with the same key. Whoever shows none says that it is the same host.
 */
export function mayFollow(
  held: Pick<Activation, 'licenseId' | 'hostId' | 'keys'>,
  { proofKey, previousToken }: Pick<SlotRequest, 'proofKey' | 'previousToken'>,
): boolean {
  if (previousToken?.hostId !== held.hostId || previousToken.licenseId !== held.licenseId) return true
  // The numbers are those of a user's newest key.
  const key = held.keys.find(({ thumbprint }) => thumbprint === proofKey)
  return key !== undefined && previousToken.renewal >= (key.renewals?.count ?? 0)
}

/** The slot of another host with what it costs; undefined where it may not change hands now. */
function chooseMove(
  facts: SlotFacts,
  slot: SlotChoice & { readonly held: Activation },
  claim: SlotRequest,
  now: Date,
): SlotChoice | undefined {
  const { held, proof } = slot
  const { rules, trusted, hostId } = claim
  if (rules === undefined || trusted === true) return slot
  // A claim that is refused is refused for what it asked.
  if (refuseClaim({ ...facts, activation: held }, { hostId, ...proof }, now) !== undefined) return slot
  const isListed = isScarce(facts.license) || slot.replaces
  if (isListed && held.tokensEndAt > now && facts.countEntries() >= MAX_LIVE_ENTRIES) return undefined
  const change = chargeForChange(rules.moves, facts.license, held, now)
  const charges = change === undefined ? [] : [change]
  if (chargeLicense(facts.license, facts.findSpendings, charges, now).kind === 'rate-limited') return undefined
  if (!slot.replaces) return { ...slot, charges }
  const devices = facts.findDevices()
  const notes = noteDisplaced({ ...facts, devices }, { device: held }, claim, now)
  return { ...slot, notes, charges: [...charges, chargeForFreeing(rules.frees, devices, held, claim, now)] }
}

/** A slot of its own: the one that it had, whatever the limit, else a new one. */
function chooseNew(facts: SlotFacts, claim: SlotRequest, now: Date): SlotChoice {
  const { license, findEntries } = facts
  if (isTakenBack(license, findEntries, claim, now)) return choose(claim, { held: null, takesBack: true })
  const { rules, trusted, unit = claim.hostId } = claim
  const freed = rules === undefined || hasFreeSlot(license) ? [] : makeRoom(facts, rules, now)
  const isCounted = rules !== undefined && rules.activations !== null && trusted !== true
  return choose(claim, { held: null, freed, charges: isCounted ? [{ allowance: rules.activations, unit }] : [] })
}

/** Where no slot is free: those that have rested, else the one that nobody could use for the longest time. */
function makeRoom({ license, customer, findResting, findEnded }: SlotFacts, { moves }: SeatRules, now: Date) {
  const licenseChangedAt = changedAt(license, customer)
  const rested = findResting().filter((one) => hasRested(one, now, licenseChangedAt))
  if (rested.length > 0 || moves === null) return rested
  return findEnded()
    .filter((one) => yieldsSlot(one, now, licenseChangedAt))
    .slice(0, 1)
}

function choose<C extends Partial<SlotChoice> & Pick<SlotChoice, 'held'>>(
  claim: SlotRequest,
  chosen: C,
): SlotChoice & C {
  return { proof: proofOf(claim), freed: [], charges: [], replaces: false, takesBack: false, notes: [], ...chosen }
}

function proofOf({ proofKey = null, trusted }: Proof): Proof {
  return { proofKey, ...(trusted && { trusted }) }
}
