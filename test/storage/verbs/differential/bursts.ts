import { isDeepStrictEqual } from 'node:util'
import type { Store } from '../../../../src/storage/verbs/store'
import { ask, type Call } from './calls'
import { differ } from './disagreement'
import { drawBurst } from './draw-burst'
import { looseOrder } from './loose-order'
import { type PlainModel, plainModel } from './model/plain-model'
import { ordersOf } from './orders'
import type { MakePlace, Place } from './places'
import { everythingKept, makeAll, openingCalls, playStep, type Run, startRun } from './play'
import { remember } from './remember'
import { moveOn } from './world'

const STEPS_BETWEEN_BURSTS = 12

/** How bursts went. */
export interface Bursts {
  count: number
  /** Those whose outcomes were not the same in every order: the others say little. */
  contended: number
}

/**
 * Plays steps one by one, and now and then a few together, started at once on several handles of one store.
 * @throws where no order of them on the model gives their outcomes and what is kept after them
 */
export async function playBursts(seed: number, bursts: number, handles: number, makePlace: MakePlace): Promise<Bursts> {
  const played: Bursts = { count: 0, contended: 0 }
  let story = await beginStory(seed, handles, makePlace)
  try {
    while (played.count < bursts) {
      const { run, model, storages } = story
      for (let step = 0; step < STEPS_BETWEEN_BURSTS; step++) await playStep(run, model.storage, storages.slice(0, 1))
      const { calls, outcomes, kept } = await burst(run, storages)
      played.count += 1
      const { after, isContended } = await explain(run, model, calls, { outcomes, kept })
      if (isContended) played.contended += 1
      if (after === undefined) {
        // Rows of one instant have another order than the model gives them: later pages would differ.
        await story.place.leave()
        story = await beginStory(seed + played.count * 1_000, handles, makePlace)
      } else {
        story = { ...story, model: after }
        for (const [index, one] of calls.entries()) remember(run.world, one, outcomes[index])
      }
    }
  } finally {
    await story.place.leave()
  }
  return played
}

interface Story {
  readonly run: Run
  readonly place: Place
  readonly storages: readonly Store[]
  readonly model: PlainModel
}

async function beginStory(seed: number, handles: number, makePlace: MakePlace): Promise<Story> {
  const place = await makePlace()
  const storages = [await place.open()]
  while (storages.length < handles) storages.push(await place.open())
  const model = plainModel()
  await model.storage.open()
  const run = startRun(seed)
  await makeAll(run, openingCalls(), model.storage, storages.slice(0, 1))
  return { run, place, storages, model }
}

async function burst(run: Run, storages: readonly Store[]) {
  const { world, dice } = run
  moveOn(world, dice)
  const calls = drawBurst(dice, world)
  const outcomes = await Promise.all(
    calls.map((one, index) => ask(storages[index % storages.length] as Store, one, world.now)),
  )
  return { calls, outcomes, kept: await lookAt(storages.at(-1) as Store, world.now) }
}

/** Looks for an order of the calls in which the model says and keeps the same. */
async function explain(
  run: Run,
  model: PlainModel,
  calls: readonly Call[],
  { outcomes, kept }: { readonly outcomes: readonly unknown[]; readonly kept: readonly unknown[] },
) {
  const { now } = run.world
  const told = new Set<string>()
  const differences: string[] = []
  let after: PlainModel | undefined
  let isExplained = false
  for (const order of ordersOf(calls)) {
    const copy = model.copy()
    await copy.storage.open()
    const expected = new Map<Call, unknown>()
    for (const one of order) expected.set(one, await ask(copy.storage, one, now))
    const said = calls.map((one) => expected.get(one))
    told.add(JSON.stringify(said))
    if (after !== undefined || !isDeepStrictEqual(looseOrder(said), looseOrder(outcomes))) continue
    const keptAfter = await lookAt(copy.storage, now)
    if (isDeepStrictEqual([said, keptAfter], [outcomes, kept])) after ??= copy
    const difference = kept.findIndex((one, index) => !isDeepStrictEqual(looseOrder(one), looseOrder(keptAfter[index])))
    if (difference === -1) isExplained = true
    else differences.push(differ(kept[difference], keptAfter[difference]))
  }
  if (!isExplained) throw new Unexplained(run, calls, outcomes, differences)
  return { after, isContended: told.size > 1 }
}

async function lookAt(storage: Store, now: Date): Promise<unknown[]> {
  const kept: unknown[] = []
  for (const one of everythingKept(now)) kept.push(await ask(storage, one, now))
  return kept
}

/** A burst that no order explains. */
export class Unexplained extends Error {
  constructor(
    { seed, world }: Run,
    calls: readonly Call[],
    outcomes: readonly unknown[],
    differences: readonly string[],
  ) {
    const said = calls.map((one, index) => `${JSON.stringify(one)}\n  → ${JSON.stringify(outcomes[index])}`)
    super(`Seed ${seed}, round ${world.round}: no order explains\n${[...said, ...differences].join('\n')}`)
    this.name = 'Unexplained'
  }
}
