import type { Call } from './calls'
import type { Dice } from './dice'
import { drawCalls } from './draw-call'
import { again } from './draw-repeat'
import type { World } from './world'

const MOST_DRAWS = 400

/**
 * Calls to be made at once. The first is drawn; those beside it are often about the same license, of the same verb, or the
 * first one again under its idempotency key.
 */
export function drawBurst(dice: Dice, world: World): readonly Call[] {
  const size = 2 + dice.upTo(3)
  const calls: Call[] = []
  for (let draws = 0; calls.length < size; draws++) {
    const round = world.round * 1_000 + draws
    const [first] = calls
    if (first !== undefined && carriesKey(first) && dice.chance(40)) {
      calls.push(again(first, { now: world.now, round, payloadHash: dice.one(['payload', 'other payload']) }))
      continue
    }
    const [one, ...more] = drawCalls(dice, { ...world, round })
    if (one === undefined || more.length > 0 || !isOneStep(one)) continue
    if (first === undefined) calls.push(one)
    else if (first.verb === one.verb || draws % 5 === 0 || draws > MOST_DRAWS) calls.push(about(first, one))
  }
  return calls
}

/**
 * A purge is a step for each kind and each license, and an export or a search for unseen hosts is one for each page: no rule
 * says that they happen at one instant.
 */
function isOneStep({ verb }: Call): boolean {
  return !['purgeExpired', 'exportRecords', 'findUnseen'].includes(verb)
}

function carriesKey({ args }: Call): boolean {
  const step = args.at(-1)
  return typeof step === 'object' && step !== null && 'idempotency' in step
}

/** The call, about the license that the first one is about. */
function about(first: Call, one: Call): Call {
  const [target, own] = [first.args[1], one.args[1]]
  if (!names(target) || !names(own)) return one
  const args: unknown[] = [...one.args]
  args[1] = { ...own, canonicalKey: target.canonicalKey }
  return { verb: one.verb, args } as Call
}

function names(target: unknown): target is { readonly canonicalKey: string } {
  return typeof target === 'object' && target !== null && 'canonicalKey' in target
}
