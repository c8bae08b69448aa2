import { isDeepStrictEqual } from 'node:util'
import { RECORD_KINDS } from '../../../../src/storage/records'
import type { Store } from '../../../../src/storage/verbs/store'
import { newActivation, newCustomer, newEndpoint, newLicense, newProduct } from '../kit/entities'
import { chargingSlots } from '../kit/spending'
import { ask, type Call, call } from './calls'
import { createDice, type Dice } from './dice'
import { Disagreement, type Logged } from './disagreement'
import { drawCalls } from './draw-call'
import { EMAILS } from './draw-customers'
import { ALLOWANCES } from './draw-slots'
import { plainModel } from './model/plain-model'
import { remember } from './remember'
import { ACCOUNTS, COUNTS, moveOn, newWorld, OPENING_CUSTOMERS, START, type World } from './world'

const STEPS_BETWEEN_LOOKS = 25

/** A run under way: what was drawn so far, and who is asked. */
export interface Run {
  readonly seed: number
  readonly dice: Dice
  readonly world: World
  readonly log: Logged[]
  /** How often each verb came to each kind of outcome. */
  readonly seen: Map<string, number>
}

export function startRun(seed: number): Run {
  return { seed, dice: createDice(seed), world: newWorld(), log: [], seen: new Map() }
}

/**
 * Draws so many steps, and makes each on the model and on the storages. Looks at everything that is kept now and then.
 * @throws {Disagreement} where a storage answers otherwise than the model
 */
export async function play(seed: number, steps: number, storages: readonly Store[]): Promise<Run> {
  const run = startRun(seed)
  const { storage: model } = plainModel()
  await model.open()
  await makeAll(run, openingCalls(), model, storages)
  for (let step = 1; step <= steps; step++) {
    await playStep(run, model, storages)
    if (step % STEPS_BETWEEN_LOOKS === 0 || step === steps) {
      await makeAll(run, everythingKept(run.world.now), model, storages)
    }
  }
  return run
}

export async function playStep(run: Run, model: Store, storages: readonly Store[]): Promise<void> {
  moveOn(run.world, run.dice)
  await makeAll(run, drawCalls(run.dice, run.world), model, storages)
}

export async function makeAll(run: Run, calls: readonly Call[], model: Store, storages: readonly Store[]) {
  const { now } = run.world
  for (const one of calls) {
    run.log.push({ call: one, now })
    const expected = await ask(model, one, now)
    const answers = await Promise.all(storages.map((storage) => ask(storage, one, now)))
    for (const [index, answer] of answers.entries()) {
      if (isDeepStrictEqual(withoutOrder(one, answer), withoutOrder(one, expected))) continue
      throw new Disagreement(run, storages[index]?.name ?? '', { answer, expected })
    }
    note(run, one, expected)
    remember(run.world, one, expected)
  }
}

/** Of webhooks that were made at once nobody knows which came first until they are listed. */
function withoutOrder({ verb, args }: Call, answer: unknown): unknown {
  const isOfAccount = verb === 'findDueEndpoints' && 'accountId' in (args[1] as object)
  if (!isOfAccount || !(typeof answer === 'object' && answer !== null && 'endpoints' in answer)) return answer
  return new Set((answer.endpoints as readonly { readonly id: string }[]).map((one) => JSON.stringify(one)))
}

function note({ seen }: Run, { verb }: Call, outcome: unknown) {
  const { kind = 'an answer', ...rest } = { ...(outcome as object) } as { readonly kind?: string }
  const name = 'thrown' in rest ? `${verb} throws` : `${verb} ${'replayed' in rest ? 'again' : kind}`
  seen.set(name, (seen.get(name) ?? 0) + 1)
}

/** So that there is something to sell from the start, and somebody to be told. */
export function openingCalls(): readonly Call[] {
  const [first, second] = ACCOUNTS
  const accounts = [first, second].map((id) => ({ id, name: id, plan: 'pro' as const, createdAt: START }))
  return [
    ...accounts.map((account) => call('insertAccount', account)),
    call('insertProduct', first, newProduct('0', { createdAt: START }), { now: START }),
    ...[...EMAILS.slice(1, OPENING_CUSTOMERS), null].map((email, index) => {
      const customer = newCustomer(`${index}`, { accountId: first, email, createdAt: START })
      return call('insertCustomer', first, customer, { now: START })
    }),
    ...Array.from({ length: COUNTS.license }, (_, index) =>
      call('insertLicenses', first, { licenses: [openingLicense(index)] }, { now: START }),
    ),
    call('insertWebhookEndpoint', first, newEndpoint('0', { accountId: first, createdAt: START }), { now: START }),
  ]
}

function openingLicense(index: number) {
  const type = index < COUNTS.license / 2 ? 'node-locked' : 'floating'
  return newLicense(`${index}`, {
    accountId: ACCOUNTS[0],
    canonicalKey: `KEY-${index}`,
    productIds: ['prod_0'],
    type,
    customerId: index % 3 === 0 ? `cus_${index % 2}` : null,
    maxConcurrentSessions: 2,
  })
}

/** Everything that a storage tells of what it keeps. */
export function everythingKept(now: Date): readonly Call[] {
  return [
    ...RECORD_KINDS.map((kind) => call('exportRecords', kind, null, 1_000)),
    call('countRecords'),
    ...[null, 'prod_0', 'prod_1'].map((productId) => call('listRevocations', now, productId)),
    ...ACCOUNTS.map((accountId) => call('listEvents', accountId, {}, { limit: 1_000 })),
    ...ACCOUNTS.map((accountId) => call('listDeliveries', accountId, {}, { limit: 1_000 })),
    ...ACCOUNTS.map((accountId) => call('listLicenses', accountId, {}, { limit: 1_000 })),
    ...lookAtAllowances(now),
  ]
}

/** Nothing lists what was spent; where no more may be spent, a unit still says whether it was. */
function lookAtAllowances(now: Date): readonly Call[] {
  const rules = chargingSlots({ ...ALLOWANCES.activations, limit: 0 })
  return ['KEY-0', 'KEY-1', 'KEY-2'].flatMap((canonicalKey) =>
    ['unit_0', 'unit_1'].map((unit) => {
      const asked = { ...newActivation(`looks at ${unit}`), rules, unit }
      return call('claimActivation', ACCOUNTS[0], { canonicalKey, productId: 'prod_0' }, asked, { now })
    }),
  )
}
