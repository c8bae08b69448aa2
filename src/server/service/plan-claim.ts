import { createHash } from 'node:crypto'
import { type Activation, findHeld } from '../../domain/activation'
import { hasFreeSlot } from '../../domain/license'
import { isProven, type Proof } from '../../domain/proof'
import { lacksProof, refuseClaim } from '../../domain/refuse-claim'
import type { ActivationTarget, FindActivationOutcome } from '../../storage/verbs/store'
import { requireAllowance } from './allowances'
import type { Call, ServiceContext } from './context'
import { findDevice, spendFreeing } from './devices'
import { activationMissing, claimRefused } from './refusals'
import { freeRested, maySlotChange } from './resting-slots'

/** What a host asks for. */
export interface ClaimRequest extends ActivationTarget {
  readonly hostId: string
  /** True where the host has no id of its own, and would have another one each time. */
  readonly isAnonymous: boolean
  readonly previousHostIds: readonly string[]
  /** The device, by the id of its activation, whose slot it wants. */
  readonly replaceDevice?: string | undefined
}

/** What the storage step is asked for. */
export interface ClaimPlan {
  readonly previousHostIds: readonly string[]
  readonly proof: Proof
}

type Found = Extract<FindActivationOutcome, { kind: 'found' }>

/**
 * What comes before a claim: allowances are spent, slots that have rested are freed, the device to be replaced is found.
 * Looks at nothing where there is nothing to decide, which is the plain case. The rows it looks at may change before the
 * step: what it allows, the step still checks.
 *
 * @throws {LicenseError} RATE_LIMITED when an allowance is used up
 * @throws {LicenseError} ACTIVATION_NOT_FOUND, INSUFFICIENT_PERMISSIONS, PROOF_REQUIRED of the device to be replaced
 */
export async function planClaim(
  context: ServiceContext,
  call: Call,
  request: ClaimRequest,
  now: Date,
): Promise<ClaimPlan> {
  const asked: ClaimPlan = { previousHostIds: request.previousHostIds, proof: call.proof }
  if (!mayTurnOnRows(context, call, request)) return asked
  const found = await find(context, call, request, request.hostId)
  if (found.kind !== 'found') return asked
  if (found.activation !== null) {
    await requireRebind(context, call, request, found, found.activation, now)
    return asked
  }
  if (!isCounted(context, request)) return asked
  const move = await planMove(context, call, request, found, now)
  if (move !== undefined) return move
  await admitNewHost(context, call, request, found, now)
  return { ...asked, previousHostIds: [] }
}

/** Whether anything of the claim depends on rows that must be read before it. */
function mayTurnOnRows(context: ServiceContext, { proof }: Call, request: ClaimRequest): boolean {
  if (isCounted(context, request)) return true
  return proof.trusted !== true && hasKey(proof)
}

/** Whether there is something to decide where the host has no slot. */
function isCounted({ seats }: ServiceContext, { replaceDevice }: ClaimRequest): boolean {
  return replaceDevice !== undefined || seats.moves !== null || seats.activations !== null
}

/** A host that shows another key than the one it is bound to: reinstalled, or somebody else in its name. */
async function requireRebind(
  context: ServiceContext,
  call: Call,
  request: ClaimRequest,
  found: Found,
  held: Activation,
  now: Date,
): Promise<void> {
  const { rebinds } = context.seats
  const { proofKey = null } = call.proof
  const isRebind = held.surrenderedAt === null && proofKey !== null && !isProven(held, call.proof)
  if (!isRebind || !isClaimable(found, held, request, call.proof, now)) return
  await requireAllowance(context, call, { licenseId: found.license.id, allowance: rebinds, unit: proofKey }, now)
}

/** The claim that takes over another host's slot; undefined where there is none to take over, or it may not change now. */
async function planMove(
  context: ServiceContext,
  call: Call,
  request: ClaimRequest,
  found: Found,
  now: Date,
): Promise<ClaimPlan | undefined> {
  const { proof } = call
  const isReplacement = request.replaceDevice !== undefined
  const held = isReplacement
    ? await requireDevice(context, call, found, request.replaceDevice)
    : await findPrevious(context, call, request)
  if (held === null) return undefined
  const plan: ClaimPlan = isReplacement
    ? // Trusted as to that device's key, and to nothing else.
      { previousHostIds: [held.hostId], proof: { ...proof, trusted: true } }
    : { previousHostIds: request.previousHostIds, proof }
  if (proof.trusted === true || !isClaimable(found, held, request, plan.proof, now)) return plan
  if (!(await maySlotChange(context, call, found.license, held, now))) return undefined
  if (isReplacement) await spendFreeing(context, call, found.license, held, now)
  return plan
}

/** The device to be replaced, for whoever may replace it; the product may ask every app for a key all the same. */
async function requireDevice(context: ServiceContext, call: Call, found: Found, device = ''): Promise<Activation> {
  const named = await findDevice(context, call, found, device)
  if (named === undefined) throw activationMissing()
  if (lacksProof(found.product, null, call.proof)) throw claimRefused('proof-required')
  return named
}

/** The activation that `previousHostIds` would move, as the step would find it. */
async function findPrevious(context: ServiceContext, call: Call, request: ClaimRequest): Promise<Activation | null> {
  const held = new Map<string, Activation>()
  for (const hostId of request.previousHostIds) {
    const found = await find(context, call, request, hostId)
    if (found.kind === 'found' && found.activation !== null) held.set(hostId, found.activation)
  }
  return findHeld({ ...call.proof, ...request }, (hostId) => held.get(hostId) ?? null)
}

/** Makes room for a host that has no slot, and counts it, unless the step is going to refuse it anyway. */
async function admitNewHost(
  context: ServiceContext,
  call: Call,
  request: ClaimRequest,
  found: Found,
  now: Date,
): Promise<void> {
  const { seats } = context
  const { license } = found
  const hasRoom = hasFreeSlot(license) || (seats.moves !== null && (await freeRested(context, call, license, now)) > 0)
  if (!hasRoom || seats.activations === null || call.proof.trusted === true) return
  const withRoom = { ...found, license: { ...license, activationCount: 0 } }
  if (!isClaimable(withRoom, null, request, call.proof, now)) return
  const spending = { licenseId: license.id, allowance: seats.activations, unit: unitOf(call, request) }
  await requireAllowance(context, call, spending, now)
}

function isClaimable(
  found: Found,
  held: Activation | null,
  { hostId }: ClaimRequest,
  proof: Proof,
  now: Date,
): boolean {
  return refuseClaim({ ...found, activation: held }, { hostId, ...proof }, now) === undefined
}

/** Its host, or the request itself where that has no id that it would repeat. */
function unitOf({ idempotency }: Call, { isAnonymous, hostId }: ClaimRequest): string {
  if (!isAnonymous || idempotency === undefined) return hostId
  return createHash('sha256').update(`${idempotency.scope}\0${idempotency.key}`).digest('base64url')
}

function hasKey({ proofKey = null }: Proof): boolean {
  return proofKey !== null
}

function find(
  { store }: ServiceContext,
  call: Call,
  { canonicalKey, productId }: ActivationTarget,
  hostId: string,
): Promise<FindActivationOutcome> {
  return store.findActivation(call.accountId, { canonicalKey, productId, hostId })
}
