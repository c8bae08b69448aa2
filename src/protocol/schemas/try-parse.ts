import * as z from 'zod'

/** A value in the types of its schema, or what is wrong with it and where. */
export type Parsed<T> =
  | { readonly success: true; readonly data: T }
  | { readonly success: false; readonly issues: readonly z.core.$ZodIssue[] }

/**
 * `safeParse`, where a check that throws refuses the value as well. zod runs checks of length on whatever has a
 * `length`, of the type asked for or not, and JSON has objects that cannot be compared with a number:
 * `{"length": {"toString": 1}}`.
 */
export function tryParse<Schema extends z.ZodType>(schema: Schema, value: unknown): Parsed<z.output<Schema>> {
  try {
    const result = schema.safeParse(value)
    return result.success ? result : { success: false, issues: result.error.issues }
  } catch {
    const path = culprit(schema, value)
    return { success: false, issues: [{ code: 'custom', path, message: 'Invalid input', input: value }] }
  }
}

/** The first thing that is wrong: the field, where there is one, and why. Never the value. */
export function faultOf(issues: readonly z.core.$ZodIssue[]): { readonly field: string; readonly why: string } {
  const [first] = issues
  const issue = first?.code === 'invalid_union' ? (strangerIn(first) ?? first) : first
  if (issue?.code === 'unrecognized_keys') {
    return { field: [...issue.path, issue.keys[0]].join('.'), why: 'is not a known field' }
  }
  return { field: issue?.path.join('.') ?? '', why: issue?.message ?? 'is not as it should be' }
}

/** Of one shape of several, which the value would have but for a field too many: that field. */
function strangerIn({ errors, path }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssueUnrecognizedKeys | undefined {
  for (const [issue, ...others] of errors) {
    if (issue?.code === 'unrecognized_keys' && others.length === 0) return { ...issue, path: [...path, ...issue.path] }
  }
  return undefined
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

function unwrap(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)) return schema
  return unwrap(schema.unwrap() as z.ZodType)
}

function throwsOn(schema: z.ZodType, value: unknown): boolean {
  try {
    schema.safeParse(value)
    return false
  } catch {
    return true
  }
}
