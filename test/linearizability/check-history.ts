import { isDeepStrictEqual } from 'node:util'
import type { Model, Operation } from './model'

/** `order`: one that explains the history. `stuck`: how far the best one came, and what nothing explains then. */
type Verdict<C, O> =
  | { readonly kind: 'linearizable'; readonly order: readonly Operation<C, O>[] }
  | {
      readonly kind: 'violation'
      readonly order: readonly Operation<C, O>[]
      readonly stuck: readonly Operation<C, O>[]
    }

/**
 * Whether the operations on one object could have happened one after the other, each at some instant between its start and
 * its end, with just the outcomes that their callers were told.
 *
 * The search of Wing and Gong, with Lowe's memory: it takes one of the operations that may come first, asks the model, and
 * goes on with the rest. A set of operations in one state that led nowhere is not tried again, in whatever order they came.
 */
export function checkHistory<S, C, O>(model: Model<S, C, O>, history: readonly Operation<C, O>[]): Verdict<C, O> {
  const search: Search<S, C, O> = {
    model,
    history: history.toSorted((a, b) => a.start - b.start),
    order: [],
    failed: new Set(),
    best: [],
  }
  if (explains(search, model.initial, 0n)) return { kind: 'linearizable', order: search.order }
  const explained = new Set(search.best)
  const stuck = search.history.filter((operation) => !explained.has(operation))
  return { kind: 'violation', order: search.best, stuck }
}

interface Search<S, C, O> {
  readonly model: Model<S, C, O>
  readonly history: readonly Operation<C, O>[]
  /** The operations taken so far. */
  readonly order: Operation<C, O>[]
  readonly failed: Set<string>
  /** The longest order that was found. */
  best: readonly Operation<C, O>[]
}

/** @param taken a bit for each operation of the history that is in the order */
function explains<S, C, O>(search: Search<S, C, O>, state: S, taken: bigint): boolean {
  const { model, history, order, failed } = search
  if (order.length > search.best.length) search.best = [...order]
  const left = [...history.entries()].filter(([index]) => (taken & (1n << BigInt(index))) === 0n)
  const told = left.filter(([, { outcome }]) => outcome !== null)
  if (told.length === 0) return true
  const name = `${taken} ${JSON.stringify(state)}`
  if (failed.has(name)) return false

  // Whatever starts after one of them has ended comes after it.
  const firstEnd = Math.min(...told.map(([, { end }]) => end))
  for (const [index, operation] of left) {
    if (operation.start > firstEnd) break
    const [next, outcome] = model.apply(state, operation.call)
    if (operation.outcome !== null && !isDeepStrictEqual(outcome, operation.outcome)) continue
    order.push(operation)
    if (explains(search, next, taken | (1n << BigInt(index)))) return true
    order.pop()
  }
  failed.add(name)
  return false
}
