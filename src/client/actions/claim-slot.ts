import { findPreviousHostIds } from '../host/previous-host-ids'
import type { OnlineContext } from '../kit-context'
import type { CachedActivation, CacheState, Recovery } from '../store/cache-record'
import { findActivation, isSameKey } from '../store/same-license'
import type { Slot } from '../store/uninstall-ticket'
import type { ProofKey } from '../trust/proof-key'
import { errorFor } from '../wire/answer-error'
import { createProofKey } from '../wire/proof'
import { readActivation } from './read-activation'

/** The slot to claim. */
export interface SlotClaim {
  readonly path: '/key/activate' | '/key/trial'
  /** Undefined for a trial: the server chooses the license. */
  readonly licenseKey?: string
  /** What else the server is told about the activation. */
  readonly fields?: object
  /** Set to store the result only while the license, or its refusal, is stored: one that was given up must not come back. */
  readonly onlyWhereStored?: true
}

/** No process activates often enough to be faster this many times. */
const MAX_ATTEMPTS = 3

/**
 * Claims an activation slot, and stores the license token and the key that it is bound to in one write. When several
 * processes of this host activate at once, each may have made a key. A process that finds another key stored claims once
 * more with that key, so that the server and the file agree in the end.
 *
 * @returns the slot
 * @throws {LicenseError} the error that `errorFor` makes of the server's answer, unless it is a success; TOKEN_… when the
 * license token in it cannot be verified
 */
export async function claimSlot(context: OnlineContext, claim: SlotClaim, totalTimeoutMs: number): Promise<Slot> {
  const { config, post, randomId } = context
  const deadline = performance.now() + totalTimeoutMs
  const identity = await context.hostId()
  const { hostId } = identity
  for (let attempt = 1; ; attempt++) {
    const proofKey = (await findProofKey(context, claim)) ?? createProofKey()
    const previousHostIds = await findPreviousHostIds(context, identity)
    const { path, licenseKey, fields } = claim
    const previous = previousHostIds.length === 0 ? {} : { previousHostIds }
    const answer = await post({
      endpoint: config,
      path,
      body: { productId: config.productId, licenseKey, hostId, ...previous, ...fields },
      proofKey,
      idempotencyKey: randomId(),
      totalTimeoutMs: Math.max(1, deadline - performance.now()),
    })
    if (answer.kind !== 'success') throw errorFor(answer)
    const { activation } = await readActivation(
      context,
      answer,
      hostId,
      proofKey,
      Math.max(1, deadline - performance.now()),
    )
    if ((await store(context, claim, activation)) || attempt === MAX_ATTEMPTS) return activation
  }
}

/** What the refusal of this license keeps, where it was refused. */
function recoveryIn(state: CacheState, licenseKey: string): Recovery | undefined {
  if (state.kind !== 'refused' || typeof state.recovery !== 'object') return undefined
  return isSameKey(state.recovery.licenseKey, licenseKey) ? state.recovery : undefined
}

/**
 * The key that is stored with the license, or was until it was refused. For a trial it is the stored key of any license, since the license is not known
 * yet.
 */
async function findProofKey({ cache }: OnlineContext, { licenseKey }: SlotClaim): Promise<ProofKey | undefined> {
  const { state } = await cache.read()
  const kept = state.kind === 'refused' && typeof state.recovery === 'object' ? state.recovery : undefined
  if (licenseKey === undefined) return state.kind === 'activation' ? state.activation.proofKey : kept?.proofKey
  if (kept !== undefined && isSameKey(kept.licenseKey, licenseKey)) return kept.proofKey
  return findActivation(state, licenseKey)?.proofKey
}

/** @returns false when another process has stored the same license with another key meanwhile */
async function store(
  { cache }: OnlineContext,
  { onlyWhereStored }: SlotClaim,
  activation: CachedActivation,
): Promise<boolean> {
  let agreed = true
  await cache.update((found) => {
    const stored = findActivation(found, activation.licenseKey)
    agreed = stored?.proofKey === undefined || stored.proofKey.x === activation.proofKey?.x
    const isStored = stored !== undefined || recoveryIn(found, activation.licenseKey) !== undefined
    return agreed && (isStored || !onlyWhereStored) ? { kind: 'activation', activation } : undefined
  })
  return agreed
}
