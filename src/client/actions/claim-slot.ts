import { findPreviousHostIds } from '../host/previous-host-ids'
import type { OnlineContext } from '../kit-context'
import type { CachedActivation, CacheState, Recovery } from '../store/cache-record'
import { findActivation, isSameKey } from '../store/same-license'
import { following } from '../store/seen-hosts'
import type { Slot } from '../store/uninstall-ticket'
import { errorFor } from '../wire/answer-error'
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
 * Claims an activation slot, and stores the license token and the key that it is bound to in one write. Processes of this host
 * that activate at once show one key, which the data folder keeps. Where it cannot, each may have another: a process that finds
 * another key stored claims once more with that key, so that the server and the file agree in the end.
 *
 * @returns the slot
 * @throws {LicenseError} the error that `errorFor` makes of the server's answer, unless it is a success; TOKEN_… when the
 * license token in it cannot be verified; HOST_NOT_KEPT as `claimKeys`
 */
export async function claimSlot(context: OnlineContext, claim: SlotClaim, totalTimeoutMs: number): Promise<Slot> {
  const { config, post, randomId } = context
  const deadline = performance.now() + totalTimeoutMs
  const identity = await context.hostId()
  const { hostId } = identity
  const keys = await import('./claim-keys')
  for (let attempt = 1; ; attempt++) {
    const { proofKey, recoveryKey } = await keys.claimKeys(context, identity, claim.licenseKey)
    const previousHostIds = await findPreviousHostIds(context, identity)
    const { path, licenseKey, fields } = claim
    const previous = previousHostIds.length === 0 ? {} : { previousHostIds }
    const answer = await post({
      endpoint: config,
      path,
      body: { productId: config.productId, licenseKey, hostId, ...previous, ...fields },
      proofKey,
      recoveryKey,
      idempotencyKey: randomId(),
      totalTimeoutMs: Math.max(1, deadline - performance.now()),
    })
    if (answer.kind !== 'success') {
      const isKeyMissing = proofKey === undefined && answer.code === 'PROOF_REQUIRED'
      throw isKeyMissing ? keys.notKept() : errorFor(answer)
    }
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
    if (!agreed || (!isStored && onlyWhereStored)) return undefined
    return { kind: 'activation', activation: stored === undefined ? activation : following(stored, activation) }
  })
  return agreed
}
