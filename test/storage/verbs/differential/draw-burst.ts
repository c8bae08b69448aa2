import type { Step } from '../../../../src/storage/verbs/store'
import type { Call, VerbName } from './calls'
import type { Dice } from './dice'
import { drawCalls } from './draw-call'
import { again } from './draw-repeat'
import type { World } from './world'

const MOST_DRAWS = 5_000

/** Verbs of which one takes away what the other relies on. */
const COLLISIONS: readonly (readonly [VerbName, VerbName])[] = [
  ['insertLicenses', 'deleteCustomer'],
  ['updateLicense', 'deleteCustomer'],
  ['claimSession', 'deleteLicense'],
  ['claimActivation', 'deleteLicense'],
  ['renewSession', 'updateLicense'],
  ['claimActivation', 'deleteWebhookEndpoint'],
  ['updateCustomer', 'deleteWebhookEndpoint'],
  ['updateProduct', 'deleteWebhookEndpoint'],
  ['insertLicenses', 'deleteWebhookEndpoint'],
  ['claimDeliveries', 'deleteWebhookEndpoint'],
  ['claimDeliveries', 'claimDeliveries'],
  ['claimActivation', 'resetLicense'],
  ['claimActivation', 'releaseDevice'],
  ['validateActivation', 'updateLicense'],
  ['validateActivation', 'releaseActivation'],
  ['startTrial', 'startTrial'],
]

/**
 * Calls to be made at once. The first is drawn; those beside it are often about the same license or customer, of the same
 * verb or one that collides with it, or the first one again under its idempotency key.
 */
export function drawBurst(dice: Dice, world: World): readonly Call[] {
  const round = { ...world, round: world.round * 1_000 }
  const next = (isWanted: (one: Call) => boolean) => drawNext(dice, round, isWanted)
  if (dice.chance(40)) {
    const [verb, other] = dice.one(COLLISIONS)
    const first = next((one) => one.verb === verb && isLeaning(one, other))
    return [
      first,
      about(
        first,
        next((one) => one.verb === other),
      ),
    ]
  }
  const first = next(() => true)
  const calls = [first]
  for (let left = 1 + dice.upTo(3); left > 0; left--) {
    const payloadHash = dice.one(['payload', 'other payload'])
    const isAgain = carriesKey(first) && dice.chance(40)
    const verb = dice.chance(60) ? first.verb : undefined
    calls.push(
      isAgain
        ? again(first, { now: world.now, round: round.round + left, payloadHash })
        : about(
            first,
            next((one) => verb === undefined || one.verb === verb),
          ),
    )
  }
  return calls
}

/** What is new in each call has a name of its own. */
function drawNext(dice: Dice, world: World, isWanted: (one: Call) => boolean): Call {
  for (let draws = 0; draws < MOST_DRAWS; draws++) {
    world.round += 1
    const [one, ...more] = drawCalls(dice, world)
    if (one !== undefined && more.length === 0 && isOneStep(one) && isWanted(one)) return withoutGreeting(one)
  }
  throw new Error('No such call was drawn')
}

/**
 * A purge is a step for each kind and each license, and an export or a search for unseen hosts is one for each page: no rule
 * says that they happen at one instant.
 */
function isOneStep({ verb }: Call): boolean {
  return !['purgeExpired', 'exportRecords', 'findUnseen'].includes(verb)
}

/**
 * Two endpoints that begin to listen at once need not be told of each other: whether an endpoint of that very instant is told
 * of an event is not promised.
 */
function withoutGreeting(one: Call): Call {
  if (one.verb !== 'insertWebhookEndpoint' && one.verb !== 'updateWebhookEndpoint') return one
  const step = { ...(one.args.at(-1) as Step<string>), events: {} }
  return { verb: one.verb, args: [...one.args.slice(0, -1), step] } as Call
}

function carriesKey({ args }: Call): boolean {
  const step = args.at(-1)
  return typeof step === 'object' && step !== null && 'idempotency' in step
}

/** The call, about the license or the customer that the first one is about. */
function about(first: Call, one: Call): Call {
  const [target, own] = [first.args[1], one.args[1]]
  const args: unknown[] = [...one.args]
  if (names(target) && names(own)) args[1] = { ...own, canonicalKey: target.canonicalKey }
  if (one.verb === 'deleteCustomer') args.splice(0, 2, first.args[0], customerOf(first) ?? one.args[1])
  if (one.verb === 'deleteWebhookEndpoint' && typeof first.args[0] === 'string') args[0] = first.args[0]
  return { verb: one.verb, args } as Call
}

/** True for a call that relies on what the other verb takes away. */
function isLeaning(one: Call, other: VerbName): boolean {
  if (other === 'deleteCustomer') return typeof customerOf(one) === 'string'
  const step = one.args.at(-1)
  const isAnnounced = typeof step === 'object' && step !== null && 'events' in step
  return other !== 'deleteWebhookEndpoint' || isAnnounced || one.verb === 'claimDeliveries'
}

function names(target: unknown): target is { readonly canonicalKey: string } {
  return typeof target === 'object' && target !== null && 'canonicalKey' in target
}

function customerOf(first: Call): string | null | undefined {
  if (first.verb === 'insertLicenses') return first.args[1].licenses[0]?.customerId
  return first.verb === 'updateLicense' ? first.args[2].customerId : undefined
}
