import { parseEnd, parseInstant } from '../../protocol/schemas/instant'
import { LineRefused } from './line-refused'
import type { FieldRule, Fields, Mapping, RecordRule } from './mapping-file'
import { readDate } from './read-date'

/** The rows in a JSON value, at the places that a mapping names. */
export function unfoldRows(value: unknown, { rows }: Pick<Mapping, 'rows'>): readonly unknown[] {
  if (rows === undefined) return [value]
  const found = rows.map((path) => valueAt(value, path)).filter(isObject)
  return found.length === 0 ? [value] : found.flat()
}

/**
 * The line of a row; undefined for a row that no rule of the mapping fits.
 * @throws {LineRefused} when the mapping does not know a value
 */
export function mapRow(row: unknown, mapping: Mapping): Readonly<Record<string, unknown>> | undefined {
  const rule = mapping.records.find(({ when }) => fits(row, when))
  if (rule === undefined) return undefined
  const customer = rule.customer && readFields(row, rule.customer, 'customer.')
  const activations = rule.activations && readActivations(row, rule.activations)
  return {
    kind: rule.kind,
    ...withKnownProducts(readFields(row, rule.fields, ''), mapping.products ?? {}),
    ...(customer && Object.keys(customer).length > 0 && { customer }),
    ...(activations && activations.length > 0 && { activations }),
  }
}

function fits(row: unknown, when: RecordRule['when'] = {}): boolean {
  return Object.entries(when).every(([path, accepted]) =>
    accepted.some((value) => sameText(value, valueAt(row, path) ?? null)),
  )
}

function readActivations(
  row: unknown,
  { each, split, fields }: NonNullable<RecordRule['activations']>,
): readonly Readonly<Record<string, unknown>>[] {
  const found = firstValue(row, each)
  const items = typeof found === 'string' && split !== undefined ? found.split(split) : found
  if (!Array.isArray(items)) return []
  return items
    .map((item: unknown) => (typeof item === 'string' ? item.trim() : item))
    .filter((item) => item !== '')
    .map((item, index) => readFields(item, fields, `activations.${index}.`))
}

function withKnownProducts(
  line: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, string | number>>,
): Readonly<Record<string, unknown>> {
  const translate = (named: unknown) => {
    const name = textOf(named)
    return name !== undefined && Object.hasOwn(known, name) ? known[name] : named
  }
  return {
    ...line,
    ...(line.product !== undefined && { product: translate(line.product) }),
    ...(Array.isArray(line.products) && { products: line.products.map(translate) }),
  }
}

/** The fields that have a value. */
function readFields(row: unknown, fields: Fields, prefix: string): Readonly<Record<string, unknown>> {
  const read = Object.entries(fields).map(([name, rule]) => [name, readField(row, rule, `${prefix}${name}`)] as const)
  return Object.fromEntries(read.filter(([, value]) => value !== undefined))
}

/** A field's value: undefined where the row has no value, null where the row says "none". */
function readField(row: unknown, rule: Fields[string], field: string): unknown {
  if (isPaths(rule)) return firstValue(row, rule)
  if (rule.value !== undefined) return rule.value
  if (rule.fields !== undefined) {
    const object = readFields(row, rule.fields, `${field}.`)
    return Object.keys(object).length === 0 ? rule.default : object
  }
  const found = firstValue(row, rule.from ?? '.')
  if (found === undefined) return rule.default
  if (rule.none?.some((none) => sameText(none, found))) return null
  return finish(convert(found, rule, field), rule, field)
}

function convert(found: unknown, rule: FieldRule, field: string): unknown {
  if (rule.values !== undefined) {
    const known = Object.entries(rule.values).find(([name]) => sameText(name, found))
    if (known === undefined) throw new LineRefused({ field, why: 'is a value the mapping does not list' })
    return known[1]
  }
  if (rule.date !== undefined) {
    const date = readDate(found, rule.date, rule.lastInstant ? parseEnd : parseInstant)
    if (date === undefined) throw new LineRefused({ field, why: `is no date written as ${rule.date}` })
    return date.toISOString()
  }
  if (rule.as === 'text') return requireText(found, field)
  if (rule.as === 'list') return Array.isArray(found) ? found : listOf(requireText(found, field))
  if (rule.as === 'number') return numberOf(found, field)
  if (rule.as === 'boolean') return booleanOf(found, field)
  if (rule.as === 'reference') return referenceOf(requireText(found, field))
  return found
}

function finish(value: unknown, { template, cut }: FieldRule, field: string): unknown {
  const text = template === undefined ? value : template.replace('{}', () => requireText(value, field))
  return cut !== undefined && typeof text === 'string' ? [...text].slice(0, cut).join('') : text
}

function listOf(text: string): readonly string[] {
  return text
    .split(/[,;|]/)
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function referenceOf(text: string): string | number {
  return /^\d{1,15}$/.test(text) ? Number(text) : text
}

function numberOf(found: unknown, field: string): number {
  const value = typeof found === 'number' ? found : Number(requireText(found, field).trim())
  if (Number.isFinite(value)) return value
  throw new LineRefused({ field, why: 'is no number' })
}

const WORDS = new Map([
  ...['true', 'yes', 'y', '1', 'on'].map((word) => [word, true] as const),
  ...['false', 'no', 'n', '0', 'off'].map((word) => [word, false] as const),
])

function booleanOf(found: unknown, field: string): boolean {
  const value = WORDS.get(requireText(found, field).trim().toLowerCase())
  if (value !== undefined) return value
  throw new LineRefused({ field, why: 'is neither yes nor no' })
}

function isPaths(rule: Fields[string]): rule is string | readonly string[] {
  return typeof rule === 'string' || Array.isArray(rule)
}

/** The value at the first of several places that has one. A text comes without white space around it. */
function firstValue(row: unknown, paths: string | readonly string[]): unknown {
  for (const path of typeof paths === 'string' ? [paths] : paths) {
    const value = valueAt(row, path)
    const trimmed = typeof value === 'string' ? value.trim() : value
    if (trimmed !== undefined && trimmed !== null && trimmed !== '') return trimmed
  }
  return undefined
}

function valueAt(row: unknown, path: string): unknown {
  if (path === '.') return row
  if (isObject(row) && Object.hasOwn(row, path)) return row[path]
  let value: unknown = row
  for (const name of path.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function sameText(a: unknown, b: unknown): boolean {
  const text = textOf(a)
  return text !== undefined && text.toLowerCase() === textOf(b)?.toLowerCase()
}

function requireText(value: unknown, field: string): string {
  const text = textOf(value)
  if (text !== undefined) return text
  throw new LineRefused({ field, why: 'is no text' })
}

/** A value as text; undefined where it has none: JSON has objects such as `{"toString": 1}`. */
function textOf(value: unknown): string | undefined {
  try {
    return String(value)
  } catch {
    return undefined
  }
}
