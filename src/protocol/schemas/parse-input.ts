import type * as z from 'zod'
import { LicenseError } from '../license-error'
import { tryParse } from './try-parse'

/**
 * Checks the shape of a request's input. Unknown fields are dropped, `__proto__` among them.
 *
 * @throws {LicenseError} MISSING_PARAMS when a required field is absent or null
 * @throws {LicenseError} INVALID_REQUEST when one is malformed, naming it in `detail.field`
 */
export type ParseInput<T> = (input: unknown) => T

export function inputParser<Schema extends z.ZodObject>(schema: Schema): ParseInput<z.output<Schema>> {
  const required = Object.keys(schema.shape).filter((name) => !acceptsAbsence(schema, name))
  return (input) => {
    const fields = input ?? {}
    if (typeof fields !== 'object' || Array.isArray(fields)) {
      throw new LicenseError('INVALID_REQUEST', 'The body must be a JSON object')
    }
    const result = tryParse(schema, fields)
    if (result.success) return result.data
    throw toInputError(result.issues, fields as Record<string, unknown>, required)
  }
}

function acceptsAbsence(schema: z.ZodObject, name: string): boolean {
  return !schema.safeParse({}).error?.issues.some((issue) => issue.path[0] === name)
}

function toInputError(
  issues: readonly z.core.$ZodIssue[],
  fields: Record<string, unknown>,
  required: readonly string[],
): LicenseError {
  const missing = required.find((name) => fields[name] === undefined || fields[name] === null)
  if (missing !== undefined) {
    return new LicenseError('MISSING_PARAMS', `${missing} is required`, { detail: { field: missing } })
  }
  const [issue] = issues
  const field = issue?.path.join('.') ?? ''
  return new LicenseError('INVALID_REQUEST', `${field}: ${issue?.message}`, { detail: { field } })
}
