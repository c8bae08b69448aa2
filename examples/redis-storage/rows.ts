import { decodeOutcome, encodeOutcome } from 'keyslot/storage'

/** A row as Redis takes it: names and texts in turn. */
export type Row = readonly string[]

/** A script's reply: texts, and arrays of them that are rows or lists of rows. */
export type Reply = string | readonly Reply[]

/** keyslot's instants are all called so; a vendor's own properties are inside a text and not looked at. */
const INSTANT = /(^at|At)$/

/** An object as a row. What is undefined is left out. */
export function rowOf(properties: object): Row {
  return Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [name, textOf(value)])
}

/** A property as JSON text, instants as their milliseconds. */
export function textOf(value: unknown): string {
  if (value instanceof Date) return String(value.getTime())
  return typeof value === 'object' && value !== null ? encodeOutcome(value) : JSON.stringify(value)
}

/** The object of a row, without the fields that are the adapter's own. */
export function objectOf(row: readonly Reply[]): Record<string, unknown> {
  const properties: [string, unknown][] = []
  for (let index = 0; index + 1 < row.length; index += 2) {
    const [name, value] = row.slice(index, index + 2)
    if (typeof name !== 'string' || value === undefined) throw new Error('Redis answered with something that is no row')
    if (!name.startsWith('_')) properties.push([name, meaningOf(name, value)])
  }
  return Object.fromEntries(properties)
}

function meaningOf(name: string, reply: Reply): unknown {
  if (typeof reply !== 'string') {
    const isRow = typeof reply[0] === 'string'
    return isRow ? objectOf(reply) : reply.map((row) => objectOf(typeof row === 'string' ? [] : row))
  }
  if (reply === 'null') return null
  if (INSTANT.test(name)) return new Date(Number(reply))
  return decodeOutcome<{ value: unknown }>(`{"value":${reply}}`).value
}
