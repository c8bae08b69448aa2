/**
 * What a client reads of a value.
 *
 * - `<text>`, `<number>`, `<flag>`, `<instant>` (ISO 8601), `<object>`; with `or null` before the bracket closes, null, too
 * - any other value: that very value
 * - a list of one shape: a list of at least one such value
 * - `{ '<json>': shape }`: a text that is JSON of that shape
 * - an object: those fields at least; a name that ends with `?` may be absent
 */
export type Shape = string | number | boolean | null | readonly [Shape] | { readonly [field: string]: Shape }

/** A place where a value is not of its shape. */
export interface Difference {
  /** The path of the field, such as `data.devices.0.hostId`. */
  readonly place: string
  readonly expected: string
  readonly came: string
}

const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  flag: (value) => typeof value === 'boolean',
  instant: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value),
  object: isObject,
}

export function differences(shape: Shape, value: unknown, place = ''): Difference[] {
  const otherwise = (expected: string) => [{ place: place || 'body', expected, came: shown(value) }]
  const kind = typeof shape === 'string' ? /^<(\w+)( or null)?>$/.exec(shape) : null
  if (kind !== null) {
    const [expected, name = '', orNull] = kind
    return (orNull !== undefined && value === null) || KINDS[name]?.(value) ? [] : otherwise(expected)
  }
  if (!isShapeOfObject(shape)) return value === shape ? [] : otherwise(shown(shape))
  if (Array.isArray(shape)) {
    if (!Array.isArray(value) || value.length === 0) return otherwise('a list with something in it')
    return value.flatMap((one, index) => differences(shape[0], one, join(place, String(index))))
  }
  if ('<json>' in shape) {
    const parsed = typeof value === 'string' ? parse(value) : undefined
    return parsed === undefined ? otherwise('a text of JSON') : differences(shape['<json>'], parsed, place)
  }
  if (!isObject(value)) return otherwise('an object')
  return Object.entries(shape).flatMap(([field, inner]) => {
    const name = field.replace(/\?$/, '')
    return name !== field && !(name in value) ? [] : differences(inner, value[name], join(place, name))
  })
}

function isShapeOfObject(shape: Shape): shape is Exclude<Shape, string | number | boolean | null> {
  return typeof shape === 'object' && shape !== null
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function join(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
