/**
 * Reading JSON that somebody else wrote: a parser that never throws, and guards for the values that come out of it. This
 * file imports nothing, so that the client can use it without the schemas. It is no part of the public protocol.
 */

/** The value of a JSON text; undefined when the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An object that is no array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A string with at least one character. */
export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0
}

/** A list of strings; the list and the strings may be empty. */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string')
}

/** A whole number from 0 up. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

/** A string that `Date` reads as a moment. */
export function isInstant(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value))
}
