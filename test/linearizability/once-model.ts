import type { Model } from './model'

/** A call that may be made under an idempotency key, by its number. */
export type Keyed<C> = C & { readonly key?: number }

/** What a caller is told who may have asked before. */
export type Once<O> = (O & { readonly replayed?: true }) | { readonly kind: 'idempotency-mismatch' }

/** A state, and what was kept under each key. */
interface OnceState<S, O> {
  readonly own: S
  readonly records: readonly (Kept<O> | null)[]
}

interface Kept<O> {
  readonly payload: string
  readonly outcome: O
}

/** Keys on one object, at most. */
export const KEYS = 2

/**
 * Makes calls under one key happen once: who asks again, for the same, is told what the first was told.
 * @param payloadOf what a call asks for, without what its caller draws anew each time
 */
export function once<S, C extends object, O extends { readonly kind: string }>(
  model: Model<S, C, O>,
  payloadOf: (call: C) => string,
): Model<OnceState<S, O>, Keyed<C>, Once<O>> {
  return {
    initial: { own: model.initial, records: Array.from({ length: KEYS }, () => null) },
    apply({ own, records }, { key, ...asked }) {
      const call = asked as unknown as C
      const kept = key === undefined ? null : (records[key] ?? null)
      if (kept !== null) {
        const isSame = kept.payload === payloadOf(call)
        const told: Once<O> = isSame ? { ...kept.outcome, replayed: true } : { kind: 'idempotency-mismatch' }
        return [{ own, records }, told]
      }
      const [next, outcome] = model.apply(own, call)
      if (key === undefined) return [{ own: next, records }, outcome]
      return [{ own: next, records: records.with(key, { payload: payloadOf(call), outcome }) }, outcome]
    },
  }
}
