const DATE = /^(\d{4}|[+-]\d{6})-(\d{2})-(\d{2})$/
const DATE_TIME = /^(\d{4}|[+-]\d{6})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/

/**
 * The instant a date (midnight UTC) or a date-time with `Z` or an offset names; undefined for anything else, days the
 * calendar has not included. Years beyond 9999 are written as in ISO 8601: sign and six digits.
 */
export function parseInstant(text: string): Date | undefined {
  const match = DATE.exec(text) ?? DATE_TIME.exec(text)
  if (match === null) return undefined
  const [, year, month, day] = match
  if (!isCalendarDay(Number(year), Number(month), Number(day))) return undefined
  const parsed = new Date(text)
  return Number.isNaN(parsed.getTime()) ? undefined : parsed
}

/** The same of when something ends: a date is the last millisecond of its day. */
export function parseEnd(text: string): Date | undefined {
  const parsed = parseInstant(text)
  return parsed !== undefined && DATE.test(text) ? new Date(parsed.getTime() + 86_399_999) : parsed
}

/** `Date` itself reads 31 February as 3 March. */
function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
