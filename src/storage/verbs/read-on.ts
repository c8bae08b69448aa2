import { setImmediate } from 'node:timers/promises'
import type { Entities, Occupancy } from '../../domain/decision'
import type { Found } from '../contract'
import { type Facts, lookFor } from './facts'
import { ofLicense } from './generations'
import { placeAfter } from './pages'
import { type Keeping, look } from './run-step'

/** Rows of a license that are read at once: few enough that the event loop is not held up. */
export const PAGE_ROWS = 1_000

/** A walk along rows of a license, one page of {@link PAGE_ROWS} after the other. */
interface Walk<K extends Occupancy, T> {
  readonly of: K
  /** The order it goes by. */
  readonly by: string
  readonly license: Found
  /** The first page, as it was read with the license. */
  readonly first: readonly Found[]
  /** What is wanted of a page. */
  readonly pick: (page: readonly Entities[K][]) => readonly T[]
  /** How many are wanted. */
  readonly most: number
}

/**
 * What the walk finds. All of it is of one instant where the first page is all there is; else each page is of an instant of
 * its own, in which the license may have lost rows and got others.
 */
export async function readOn<K extends Occupancy, T>(
  keeping: Keeping,
  facts: Facts,
  { of, by, license, first, pick, most }: Walk<K, T>,
): Promise<readonly T[]> {
  const equal = ofLicense(of, license.row)
  const picked = [...pick(first.map((found) => facts.entity(of, found)))]
  let page = first
  while (page.length === PAGE_ROWS && picked.length < most) {
    // Others have a turn of the event loop between two pages.
    await setImmediate()
    const after = placeAfter(of, by, equal, page.at(-1)?.row ?? {})
    const query = lookFor(of, { by, equal, after, limit: PAGE_ROWS })
    page = await look(keeping, [query], ([answer]) => answer?.rows ?? [])
    picked.push(...pick(page.map((found) => facts.entity(of, found))))
  }
  return picked.slice(0, most)
}
