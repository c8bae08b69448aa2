import { CLOCK_TOLERANCE_SECONDS } from '../../protocol'
import { isCount } from '../../protocol/json'
import type { KitContext } from '../kit-context'
import type { Bridge } from '../trust/bridge'
import { heldClaims } from './held-claims'

/**
 * Notes when a bridge was signed that was just taken. Where a clock that was once ahead has locked the license, a bridge that
 * was signed later than everything genuine that this license has seen takes the mark back to its own date. The note is kept
 * beside the mark, so no bridge does that twice.
 */
export async function takeBackMark(context: KitContext, { iat }: Bridge): Promise<void> {
  const { cache, config, timeMark } = context
  const claims = await heldClaims(context)
  if (claims === undefined) return
  const now = config.now().getTime() / 1000
  let isTakenBack = false
  await cache.update((found) => {
    if (found.kind !== 'activation') return undefined
    const { highestTimeSeen, provenTime = 0, statedAt: noted } = found.activation
    const statedAt = isCount(noted) ? noted : 0
    if (iat <= statedAt) return undefined
    const isNews = iat > Math.max(statedAt, provenTime, claims.iat)
    isTakenBack = isNews && iat < highestTimeSeen && now < highestTimeSeen - CLOCK_TOLERANCE_SECONDS
    const mark = isTakenBack ? { highestTimeSeen: iat } : {}
    return { kind: 'activation', activation: { ...found.activation, ...mark, statedAt: iat } }
  })
  if (isTakenBack) timeMark.reset()
}
