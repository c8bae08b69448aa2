import { isCount } from '../../protocol/json'
import { timeKnownTo } from '../check/time-now'
import type { KitContext } from '../kit-context'
import type { Bridge } from '../trust/bridge'
import { heldClaims } from './held-claims'

/**
 * Notes when a bridge was signed that was just taken. One that was signed later than everything genuine that this license has
 * seen gives the budget for a clock that is behind anew. The note is kept, so no bridge does that twice. It does not tell the
 * time: the desk where bridges are made may have a clock of its own.
 */
export async function refillBudget(context: KitContext, { iat }: Bridge): Promise<void> {
  const claims = await heldClaims(context)
  if (claims === undefined) return
  await context.cache.update((found) => {
    if (found.kind !== 'activation') return undefined
    const { statedAt: noted } = found.activation
    const statedAt = isCount(noted) ? noted : 0
    if (iat <= statedAt) return undefined
    const { marks } = timeKnownTo(context, found.activation, claims)
    const clock = iat > Math.max(statedAt, marks.signed) ? { ...marks, spent: 0 } : marks
    return { kind: 'activation', activation: { ...found.activation, clock, statedAt: iat } }
  })
}
