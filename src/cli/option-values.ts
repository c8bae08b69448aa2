import { isIP, isIPv6 } from 'node:net'
import { InvalidArgumentError } from 'commander'
import type { CalendarDuration } from '../domain/calendar'
import { LENGTHS } from '../protocol/bounds'
import { CALENDAR_UNITS, type CalendarUnit } from '../protocol/enumerations'
import { isRecord, parseJson } from '../protocol/json'
import { parseEnd, parseInstant } from '../protocol/schemas/instant'
import { showSeconds } from './show-duration'

/** Readers of option values. commander turns the error of a reader into one line that names the option. */

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
  }
}

/** The new value of a term; null takes the value away. (commander makes '' of a null that is not wrapped.) */
export interface Change<T> {
  readonly to: T | null
}

/** Reads a value, or the word that takes the present value away. */
export function changeTo<T>(word: string, read: (text: string) => T): (text: string) => Change<T> {
  return (text) => {
    if (text === word) return { to: null }
    try {
      return { to: read(text) }
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error
      throw new InvalidArgumentError(`${error.message} Or "${word}".`)
    }
  }
}

/** Reads a comma-separated list; an empty text is an empty list. */
export function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

export function name(text: string): string {
  if (text.trim() !== '' && text.length <= LENGTHS.name[1] && text.isWellFormed()) return text
  throw new InvalidArgumentError(`It must be 1 to ${LENGTHS.name[1]} characters.`)
}

/** Takes the text as it is. */
export function text(given: string): string {
  return given
}

/** Adds a text to those of an option that can be given several times. */
export function several(text: string, others: readonly string[] = []): readonly string[] {
  return [...others, text]
}

/** Adds a host, by name or address, to those of an option that can be given several times. */
export function hosts(text: string, others: readonly string[] = []): readonly string[] {
  if (isIPv6(text) || /^[^\s:/?#@\\[\]]+$/.test(text)) return [...others, text]
  throw new InvalidArgumentError('It must be a host name or address, without scheme and port.')
}

/** Names of address ranges that Express knows. */
const ADDRESS_RANGES = ['loopback', 'linklocal', 'uniquelocal']

/** Reads what stands for Express's `trust proxy`: how many proxies there are, or their addresses. */
export function trustedProxies(text: string): number | readonly string[] {
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  const proxies = list(text)
  if (proxies.length > 0 && proxies.every((one) => ADDRESS_RANGES.includes(one) || isSubnet(one))) return proxies
  throw new InvalidArgumentError(
    `It must be how many proxies there are (1 to 99), or their addresses, such as "10.0.0.0/8,loopback".`,
  )
}

function isSubnet(text: string): boolean {
  const [address = '', prefix, ...more] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return bits > 0 && more.length === 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
}

export function instant(text: string): Date {
  return dated(parseInstant(text))
}

/** Reads when something ends: a date without a time is the end of that day, in UTC. */
export function end(text: string): Date {
  return dated(parseEnd(text))
}

function dated(parsed: Date | undefined): Date {
  if (parsed !== undefined) return parsed
  throw new InvalidArgumentError('It must be a date (2030-12-31) or a date-time (2030-12-31T18:00:00Z).')
}

/** Reads a date, or the word `now`, for what nobody should mean by saying nothing. */
export function instantOrNow(text: string): Date | 'now' {
  return text === 'now' ? text : instant(text)
}

/** Reads `1 year` or `30 days`; months and years follow the calendar. */
export function calendarDuration(text: string): CalendarDuration {
  const { amount, unit } = amountAndUnit(text)
  const calendarUnit = CALENDAR_UNITS.find((known) => known === unit)
  if (amount >= 1 && calendarUnit !== undefined) return { amount, unit: calendarUnit }
  throw new InvalidArgumentError(
    'It must be an amount and a unit, such as "1 year", "6 months", "30 days", "12 hours".',
  )
}

const UNIT_SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 3_600,
  day: 86_400,
  week: 604_800,
} satisfies Record<Exclude<CalendarUnit, 'month' | 'year'> | 'second' | 'minute', number>

/** Reads `14 days` or `12 hours`, as seconds. */
export function seconds(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const { amount, unit } = amountAndUnit(text)
    const value = amount * (UNIT_SECONDS[unit] ?? Number.NaN)
    if (value > most) throw new InvalidArgumentError(`It must be at most ${showSeconds(most)}.`)
    if (value >= least) return value
    throw new InvalidArgumentError(
      `It must be an amount and a unit, such as "14 days", "12 hours" or "${least} seconds" at the least.`,
    )
  }
}

function amountAndUnit(text: string): { readonly amount: number; readonly unit: string } {
  const [, amount, unit = ''] = /^\s*(\d{1,4})[\s-]*([a-z]+?)s?\s*$/i.exec(text) ?? []
  return { amount: Number(amount), unit: unit.toLowerCase() }
}

export function jsonObject(text: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text)
  if (isRecord(value)) return value
  throw new InvalidArgumentError('It must be a JSON object, such as \'{"seats": 5}\'.')
}
