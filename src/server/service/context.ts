import type { Actor, EventType, PlannedEvent } from '../../domain/event'
import type { EventData } from '../../domain/event-data'
import type { ProductList } from '../../domain/product-list'
import type { Proof } from '../../domain/proof'
import { createId, type RandomBytes } from '../../domain/random'
import type { SeatRules } from '../../domain/seat-rules'
import type { JwkSet } from '../../protocol/jwk'
import { LicenseError } from '../../protocol/license-error'
import type {
  Idempotency,
  Replayable,
  ShownOnce,
  Step,
  StepRefusal,
  StepResult,
  Store,
} from '../../storage/verbs/store'
import type { OneByOne } from '../../waiting/one-by-one'
import type { SigningKey } from '../signing/keyring'
import type { Sealer } from '../signing/sealer'
import type { ToldRefusals } from './told-refusals'

/** What every use case works with. */
export interface ServiceContext {
  readonly store: Store
  /** The key that signs license tokens. */
  readonly signingKey: SigningKey
  /** The key of this `kid`, so that a replayed answer is signed as it was; the current one where it is gone. */
  readonly signingKeyFor: (kid: string | null | undefined) => SigningKey
  /** Encrypts what must be read again and is nobody's who has the store alone. */
  readonly sealer: Sealer
  /** What is published of the signing keys. */
  readonly jwks: JwkSet
  /** Claim `iss` of license tokens. */
  readonly issuer: string
  readonly seats: SeatRules
  /** Which refusals leave an event. */
  readonly toldRefusals: ToldRefusals
  /** Reads of up to thousands of rows that anybody may ask for: many at once would hold up the event loop. */
  readonly bigReads: OneByOne
  readonly now: () => Date
  readonly random: RandomBytes
}

/** Who asks, and whether to answer once only. */
export interface Call {
  readonly accountId: string
  readonly actor: Actor
  /** What is known of whoever asks: the vendor is trusted, an app shows a key of its host's. */
  readonly proof: Proof
  /** The proof that an app has shown, whose name other instances are told where it is used up. */
  readonly takes?: ShownOnce
  /** What the caller wants its license token to carry, so that it is known to be no older one. */
  readonly nonce?: string
  readonly idempotency?: Idempotency
  /** The products that the caller may act on; all where they are not given. */
  readonly products?: ProductList
  /** Told when the outcome is that of an earlier call with the same idempotency key. */
  readonly onReplay?: () => void
  /** Set where the caller may have nothing more kept: why it is refused what would be. */
  readonly closed?: LicenseError
  /** Told when something was kept: that this happened, or the answer for a retry. */
  readonly onKept?: (happened: boolean) => void
}

/**
 * The step of a call at one instant, with the events planned for its outcomes.
 * @param note kept with the outcome where the call is idempotent; see `Replay`
 */
export function planStep<K extends string>(call: Call, now: Date, events?: Step<K>['events'], note?: string): Step<K> {
  const idempotency = call.idempotency && { ...call.idempotency, ...(note !== undefined && { note }) }
  const { closed, onKept, products, takes } = call
  return {
    now,
    ...(events && { events }),
    ...(products && { products }),
    ...(idempotency && { idempotency }),
    ...(closed && { isClosed: true as const }),
    ...(onKept && { onKept }),
    ...(takes && { takes }),
  }
}

/** An event about to happen. `licenseId` is left out where the storage step finds the license. */
export function planEvent<T extends EventType>(
  context: ServiceContext,
  call: Call,
  now: Date,
  type: T,
  data: EventData[T],
  licenseId?: string,
): PlannedEvent {
  const id = createId('evt', context.random)
  return { id, type, at: now, actor: call.actor, data: { ...data }, ...(licenseId !== undefined && { licenseId }) }
}

/** A further step of a call, whose outcome is kept apart under its idempotency key. */
export function withScope(call: Call, name: string): Call {
  const { idempotency } = call
  return idempotency === undefined
    ? call
    : { ...call, idempotency: { ...idempotency, scope: `${idempotency.scope} ${name}` } }
}

/**
 * The outcome of a call's step.
 * @throws {LicenseError} IDEMPOTENCY_MISMATCH when its idempotency key was used for something else
 * @throws {LicenseError} RATE_LIMITED when the caller may have nothing more kept
 */
export async function settle<O extends { readonly kind: string }>(
  call: Call,
  result: StepResult<O>,
): Promise<Replayable<O>> {
  const outcome = await result
  if (isRefused(outcome)) {
    if (call.closed !== undefined && outcome.kind === 'closed') throw call.closed
    throw new LicenseError('IDEMPOTENCY_MISMATCH', 'This idempotency key was used for a different request')
  }
  if (outcome.replayed !== undefined) call.onReplay?.()
  return outcome
}

/**
 * The outcome of this very call, where it has been answered before: for who would refuse by now to begin its step.
 * @throws {LicenseError} IDEMPOTENCY_MISMATCH when its idempotency key was used for something else
 */
export async function findReplay<O extends { readonly kind: string }>(
  { store }: ServiceContext,
  call: Call,
  now: Date,
): Promise<Replayable<O> | undefined> {
  const { accountId, idempotency } = call
  if (idempotency === undefined) return undefined
  const found = await store.findReplay<O>(accountId, idempotency, now)
  return found === null ? undefined : settle<O>(call, Promise.resolve(found))
}

function isRefused(outcome: { readonly kind: string }): outcome is StepRefusal {
  return outcome.kind === 'idempotency-mismatch' || outcome.kind === 'closed'
}
