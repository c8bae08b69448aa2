import type { CalendarUnit } from '../protocol/enumerations'

/** A length of time as vendors sell it. Months and years follow the calendar; all units count in UTC. */
export interface CalendarDuration {
  readonly amount: number
  readonly unit: CalendarUnit
}

const HOUR_MS = 3_600_000
const FIXED_MS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const

/** `from` plus `duration`, or the last instant there is. Where the day does not exist, the month's last one: 31 January plus a month is 28 or 29 February. */
export function addDuration(from: Date, duration: CalendarDuration): Date {
  const { amount, unit } = duration
  if (unit === 'month' || unit === 'year') {
    const later = addMonths(from, unit === 'month' ? amount : 12 * amount)
    return Number.isNaN(later.getTime()) ? instantAt(FURTHEST_MS) : later
  }
  return instantAt(from.getTime() + amount * FIXED_MS[unit])
}

function addMonths(from: Date, months: number): Date {
  const result = new Date(from)
  result.setUTCDate(1)
  result.setUTCMonth(result.getUTCMonth() + months)
  result.setUTCDate(Math.min(from.getUTCDate(), daysInMonth(result)))
  return result
}

function daysInMonth(instant: Date): number {
  const lastDay = new Date(instant)
  lastDay.setUTCMonth(instant.getUTCMonth() + 1, 0)
  return lastDay.getUTCDate()
}

/** The ends of what a date can be, in Unix milliseconds. */
const FURTHEST_MS = 8.64e15

/** The instant at that time, in Unix milliseconds; the last there is where the time lies beyond. */
export function instantAt(time: number): Date {
  return new Date(Math.min(FURTHEST_MS, Math.max(-FURTHEST_MS, time)))
}

export function latest(a: Date, b: Date): Date {
  return a < b ? b : a
}

/** The earliest of the given instants; null stands for never. */
export function earliest(...instants: readonly (Date | null)[]): Date | null {
  return instants.reduce((first, next) => (first === null || (next !== null && next < first) ? next : first), null)
}
