export const HOUR = 3_600_000
export const DAY = 24 * HOUR

/** True time, which no clock in the year need show. */
export interface Time {
  now: number
  date(offsetMs?: number): Date
}

export function startTime(start: Date): Time {
  const time: Time = { now: start.getTime(), date: (offsetMs = 0) => new Date(time.now + offsetMs) }
  return time
}
