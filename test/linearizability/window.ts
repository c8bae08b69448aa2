import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Store } from '../../src/storage/verbs/store'
import { ACCOUNT, NOW, newLicense, newProduct } from '../storage/verbs/kit/entities'
import { outcomeOf } from '../storage/verbs/kit/outcomes'
import type { Worker, Workshop } from '../storage/verbs/workers'
import { checkHistory } from './check-history'
import type { Circumstance } from './circumstances'
import type { Model, Operation } from './model'
import { models, type WindowHistory } from './objects'
import { nameOf } from './place'
import { clockSince, createRecorder, type Recorder } from './recorder'
import { SEATS } from './seats-model'
import { SLOTS } from './slots-model'
import type { WindowJob } from './window-workers'

/** Where windows run. */
export interface Site {
  /** A store of the test's own, with the account alone: its processes work on the same. */
  readonly store: Store
  readonly on: WindowJob['on']
  readonly workers: readonly Worker<WindowJob>[]
  readonly together: Workshop<WindowJob>['together']
}

interface WindowPlan {
  /** Those that are worked in at once. */
  readonly windows: readonly number[]
  readonly seed: number
  readonly circumstance: Circumstance
  /** For the histories that the processes write. */
  readonly folder: string
}

/** Stores the licenses that so many windows need. */
export async function sellWindows(store: Store, windows: number): Promise<void> {
  outcomeOf(await store.insertProduct(ACCOUNT.id, newProduct('editor'), { now: NOW }), 'created')
  const all = Array.from({ length: windows }, (_, window) => [
    newLicense(nameOf('slots', window), { maxActivations: SLOTS }),
    newLicense(nameOf('seats', window), { type: 'floating', maxActivations: null, maxConcurrentSessions: SEATS }),
  ]).flat()
  for (let from = 0; from < all.length; from += 200) {
    const licenses = all.slice(from, from + 200)
    outcomeOf(await store.insertLicenses(ACCOUNT.id, { licenses }, { now: NOW }), 'created')
  }
}

/**
 * Lets all processes work on the objects of these windows at once, and asks when all are done what there is.
 * @returns what all of them saw in each window, and how often one of them was faster than another
 */
export async function runTogether(
  { store, on, workers, together }: Site,
  { windows, seed, circumstance, folder }: WindowPlan,
): Promise<{ readonly histories: readonly WindowHistory[]; readonly conflicts: number }> {
  const epoch = process.hrtime.bigint().toString()
  const fileOf = (index: number) => join(folder, `${index}.json`)
  const { conflicts = 0 } = await together(workers, (index) => ({
    ...{ job: 'windows', on, circumstance, windows, index, seed, epoch },
    histories: fileOf(index),
  }))
  const seen: WindowHistory[][] = [...workers.keys()].map((index) => JSON.parse(readFileSync(fileOf(index), 'utf8')))
  const clock = clockSince(epoch)
  const histories = windows.map((window, at) => {
    const parts = seen.flatMap((all) => all[at] ?? [])
    return lookAfter(createRecorder({ store, window }, clock), parts, clock())
  })
  return { histories: await Promise.all(histories), conflicts }
}

/** Adds up what the processes saw in a window, and what there is after them. */
async function lookAfter(
  { history, ask }: Recorder,
  parts: readonly WindowHistory[],
  now: number,
): Promise<WindowHistory> {
  const isOneClock = parts
    .flatMap((part) => Object.values(part).flat())
    .every(({ start, end }) => start > 0 && start < end && end < now)
  if (!isOneClock) throw new Error('The processes do not share a clock')
  history.slots.push(...parts.flatMap(({ slots }) => slots))
  history.seats.push(...parts.flatMap(({ seats }) => seats))
  history.creations.push(...parts.flatMap(({ creations }) => creations))
  const names = history.creations.flatMap(({ call }) => (call.do === 'create' ? [call.name] : []))
  await ask('after', 'slots', { do: 'describe' }, 'late')
  await ask('after', 'seats', { do: 'list' }, 'late')
  await ask('after', 'creations', { do: 'count', names }, 'late')
  return history
}

/** The objects whose history nothing explains, with that history. */
export function checkWindow(history: WindowHistory): Readonly<Record<string, string>> {
  const texts = {
    slots: violationOf(models.slots, history.slots),
    seats: violationOf(models.seats, history.seats),
    creations: violationOf(models.creations, history.creations),
  }
  return Object.fromEntries(
    Object.entries(texts).flatMap(([object, text]) => (text === undefined ? [] : [[object, text]])),
  )
}

function violationOf<S, C, O>(model: Model<S, C, O>, history: readonly Operation<C, O>[]): string | undefined {
  const verdict = checkHistory(model, history)
  if (verdict.kind === 'linearizable') return undefined
  const lines = (operations: readonly Operation<C, O>[]) => operations.map((one) => `  ${toLine(one)}`).join('\n')
  return `explained, in this order:\n${lines(verdict.order)}\nnot explained:\n${lines(verdict.stuck)}`
}

function toLine<C, O>({ by, call, start, end, outcome }: Operation<C, O>): string {
  const span = [start, end].map((instant) => (instant / 1e6).toFixed(3)).join(' to ')
  return `${by}, ${span} ms: ${JSON.stringify(call)} told ${JSON.stringify(outcome)}`
}
