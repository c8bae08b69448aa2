/** Cuts the power at points of a log, under one model of a disk. */
import { join } from 'node:path'
import { seededRandom } from '../seeded-random'
import { cutPoints } from './cut-points'
import { Disk, type Model } from './disk'
import type { Event } from './events'
import { judge } from './judge'

const SEED = 20_260_301

export interface Losses {
  points: number
  /** Points that come after a promise. */
  withPromises: number
  /** Points at which a promise was lost. */
  withLosses: number
  /** Promises, counted at each point that they come before. */
  promises: number
  lost: number
  /** What is wrong beyond that, at any point. */
  readonly faults: string[]
}

/** @param folder for the files to open; each store is removed once it was looked at */
export async function cutPower(
  folder: string,
  events: readonly Event[],
  model: Model,
  pointCount: number,
): Promise<Losses> {
  const losses: Losses = { points: 0, withPromises: 0, withLosses: 0, promises: 0, lost: 0, faults: [] }
  const random = seededRandom(SEED)
  const disk = new Disk()
  const promised: number[] = []
  let happened = 0
  for (const point of cutPoints(events, pointCount)) {
    for (const event of events.slice(happened, point)) {
      disk.apply(event)
      if (event.kind === 'promise') promised.push(...event.sets)
    }
    happened = point
    const { lost, faults } = await judge(join(folder, 'cut'), disk.afterPowerCut(model, random), promised)
    losses.points++
    losses.promises += promised.length
    losses.lost += lost.length
    if (promised.length > 0) losses.withPromises++
    if (lost.length > 0) losses.withLosses++
    losses.faults.push(...faults.map((fault) => `${fault} (power cut after ${point} events)`))
  }
  return losses
}
