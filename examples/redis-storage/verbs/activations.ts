import { CLOCK_TOLERANCE_SECONDS } from 'keyslot/protocol'
import {
  addDuration,
  type CalendarDuration,
  type ClaimOutcome,
  decodeOutcome,
  LAST_SEEN_INTERVAL_MS,
  type NewActivation,
  type Proof,
  type StepResult,
  type Storage,
} from 'keyslot/storage'
import { type Ask, activationAsk, mutationAsk } from '../asks'
import type { Store } from '../store'

type ActivationVerbs = Pick<
  Storage,
  | 'claimActivation'
  | 'releaseActivation'
  | 'releaseAllActivations'
  | 'findActivation'
  | 'touchActivation'
  | 'listActivations'
>

export function activationVerbs(store: Store): ActivationVerbs {
  return {
    claimActivation: (accountId, target, activation, step) => {
      // All of it now: the caller may change what it handed in.
      const ask = mutationAsk(accountId, step, { target, ...claimAsk(activation, step.now) })
      return claim(store, ask, new Date(step.now))
    },
    releaseActivation: (accountId, release, step) => {
      const { canonicalKey, productId, hostId: host, surrender: surrenders } = release
      const ask = { target: { canonicalKey, productId }, host, surrenders, ...proofAsk(release) }
      return store.mutate('activations', 'releaseActivation', accountId, step, ask)
    },
    releaseAllActivations: (accountId, target, step) =>
      store.mutate('activations', 'releaseAllActivations', accountId, step, { target }),
    findActivation: (account, { hostId: host, ...target }) =>
      store.ask('activations', 'findActivation', { account, target, host }),
    touchActivation: async (account, license, host, seen) => {
      const [lastSeenAt, tokensEndAt] = [seen.lastSeenAt.getTime(), seen.tokensEndAt.getTime()]
      await store.ask('activations', 'touchActivation', { account, license, host, lastSeenAt, tokensEndAt })
    },
    listActivations: (account, license, page) =>
      store.page('activations', 'listActivations', page, { account, license }),
  }
}

/** What is known of a claim beforehand. The script decides, and adds what depends on the stored license and product. */
function claimAsk(activation: NewActivation, now: Date): Ask {
  const { previousHostIds: previous, trusted: _trusted, proofKey = null, ...chosen } = activation
  return {
    previous,
    new: activationAsk({ ...chosen, proofKey, surrenderedAt: null, activatedAt: now, lastSeenAt: now }),
    ...proofAsk(activation),
    lastSeenIntervalMs: LAST_SEEN_INTERVAL_MS,
    tokenMarginMs: LAST_SEEN_INTERVAL_MS + CLOCK_TOLERANCE_SECONDS * 1_000,
  }
}

/** Who asks, for the script to decide on. Of a row only the key is part; where none was shown it is nil here. */
function proofAsk({ proofKey, trusted }: Proof): Ask {
  return { proof: { key: proofKey ?? undefined, trusted } }
}

interface NeedsExpiry {
  readonly kind: 'needs-expiry'
  /** A calendar duration, as text. */
  readonly duration: string
}

/**
 * One round trip; two for a license that was sold for a time per device. The script then asks back when that time ends,
 * and does nothing before it is told: for the duration that is stored, which it compares, so that a license changed in
 * between makes it ask again.
 */
async function claim(store: Store, ask: Ask, now: Date): StepResult<ClaimOutcome> {
  let known: Ask = {}
  for (;;) {
    const outcome = await store.ask<Awaited<StepResult<ClaimOutcome>> | NeedsExpiry>('activations', 'claimActivation', {
      ...ask,
      ...known,
    })
    if (outcome.kind !== 'needs-expiry') return outcome
    const { duration } = outcome
    known = { duration, expiresAt: addDuration(now, decodeOutcome<CalendarDuration>(duration)).getTime() }
  }
}
