import * as z from 'zod'
import { unwrap } from './fault-of'
import { inOurWords } from './in-our-words'

/** A value in the types of its schema, or what is wrong with it and where. */
export type Parsed<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly issues: readonly z.core.$ZodIssue[] }

const IN_OUR_WORDS = { error: inOurWords }

/**
 * `safeParse`, where a check that throws refuses the value as well. zod runs checks of length on whatever has a
 * `length`, of the type asked for or not, and JSON has objects that cannot be compared with a number:
 * `{"length": {"toString": 1}}`.
 */
export function tryParse<Schema extends z.ZodType>(schema: Schema, value: unknown): Parsed<z.output<Schema>> {
  try {
    const result = schema.safeParse(value, IN_OUR_WORDS)
    return result.success ? result : { success: false, issues: result.error.issues }
  } catch {
    const path = culprit(schema, value)
    return { success: false, issues: [{ code: 'custom', path, message: 'is not as it should be', input: value }] }
  }
}

/** The path to the field whose check throws, as far down as objects go. */
function culprit(schema: z.ZodType, value: unknown): string[] {
  const object = unwrap(schema)
  if (!(object instanceof z.ZodObject) || typeof value !== 'object' || value === null) return []
  const fields = value as Readonly<Record<string, unknown>>
  for (const [name, field] of Object.entries<z.ZodType>(object.shape)) {
    if (throwsOn(field, fields[name])) return [name, ...culprit(field, fields[name])]
  }
  return []
}

function throwsOn(schema: z.ZodType, value: unknown): boolean {
  try {
    schema.safeParse(value)
    return false
  } catch {
    return true
  }
}
