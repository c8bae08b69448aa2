import type { Occupancy } from '../../domain/decision'
import type { Answer, Query, Row } from '../contract'
import { lookFor } from './facts'
import { GENERATION_OF } from './generation-columns'

/** Leads from a license that a query finds to its activations or sessions: what a query below begins with. */
export function ofItsLicense(of: Occupancy): Query['equal'] {
  return [{ column: 'id' }, { column: GENERATION_OF[of] }]
}

/** The same for a license that was read. */
export function ofLicense(of: Occupancy, license: Row): Query['equal'] {
  return [license.id ?? null, license[GENERATION_OF[of]] ?? null]
}

/** What licenses have left behind, for those who look at rows of all licenses; with `count`, how many rows that are. */
export function lookForLeftovers(of: Occupancy, { count = false } = {}): Query {
  if (!count) return lookFor('leftover', { equal: [of] })
  const rows = lookFor(of, { equal: [{ column: 'license_id' }, { column: 'generation' }], limit: 0, count })
  return lookFor('leftover', { equal: [of], follow: { rows } })
}

/** Tells whether a row is one of those that were left behind. */
export function whetherLeft(leftovers: Answer | undefined): (row: Row) => boolean {
  const nameOf = (row: Row) => `${row.license_id} ${row.generation}`
  const left = new Set((leftovers?.rows ?? []).map(({ row }) => nameOf(row)))
  return (row) => left.size > 0 && left.has(nameOf(row))
}

/** How many rows were left behind, where they were counted. */
export function countLeft(leftovers: Answer | undefined): number {
  return (leftovers?.rows ?? []).reduce((sum, { followed }) => sum + (followed.rows?.count ?? 0), 0)
}
