import type { Activation } from '../../src/domain/activation'
import type { License } from '../../src/domain/license'
import type { Session } from '../../src/domain/session'
import type { ActivationTarget, Idempotency, Replay, Store } from '../../src/storage/verbs/store'
import { after, NOW, newIdempotency } from '../storage/verbs/kit/entities'
import type { ObjectName } from './objects'

/** A window on a store: its objects have names of their own. */
export interface Place {
  readonly store: Store
  readonly window: number
}

/** When a step happens: some find a last-seen time old enough to be written. No lease lapses from one to the other. */
export type Time = 'early' | 'late'

const TIMES: Readonly<Record<Time, Date>> = { early: NOW, late: after(6 * 60_000) }

/** What the license of an object is called. */
export function nameOf(object: ObjectName, window: number): string {
  return `${object}-${window}`
}

export function targetOf(object: ObjectName, window: number): ActivationTarget {
  return { canonicalKey: `KEY-${nameOf(object, window).toUpperCase()}`, productId: 'prod_editor' }
}

/** @param payload what the caller asks for, where it asks under a key */
export function stepOf(
  name: string,
  time: Time,
  payload: string,
  key: number | undefined,
): { readonly now: Date; readonly idempotency?: Idempotency } {
  const now = TIMES[time]
  return key === undefined ? { now } : { now, idempotency: newIdempotency(`${name} ${key}`, { payloadHash: payload }) }
}

/** Whatever a verb answers, as far as anybody here looks at it. */
export interface Answered {
  readonly kind: string
  readonly license?: License
  readonly licenses?: readonly License[]
  readonly activation?: Activation | null
  readonly activations?: readonly Activation[]
  readonly session?: Session
  readonly count?: number
  readonly replayed?: Replay
}

type Defined<F> = { readonly [K in keyof F]?: Exclude<F[K], undefined> }

/** What the caller was told, without what there was nothing to tell of. */
export function told<F extends object>(
  { kind, replayed }: Answered,
  facts: F,
): Defined<F> & { readonly kind: string; readonly replayed?: true } {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined)
  return { ...(Object.fromEntries(known) as Defined<F>), kind, ...(replayed !== undefined && { replayed: true }) }
}
