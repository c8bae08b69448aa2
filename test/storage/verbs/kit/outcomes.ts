import assert from 'node:assert/strict'

/** The outcome, which must be of this kind. */
export function outcomeOf<O extends { readonly kind: string }, K extends O['kind']>(
  outcome: O,
  kind: K,
): O & { readonly kind: K } {
  assert.equal(outcome.kind, kind)
  return outcome as O & { readonly kind: K }
}

/** How many outcomes there are of each kind. */
export function tally(outcomes: readonly { readonly kind: string }[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1
  return counts
}
