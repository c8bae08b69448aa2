import type * as z from 'zod'
import { LicenseError } from '../license-error'
import { faultOf, tryParse } from './try-parse'

/**
 * Checks the shape of an input. Fields that its schema does not know are dropped, `__proto__` among them; of a strict schema,
 * they are refused.
 *
 * @throws {LicenseError} MISSING_PARAMS when a required field is absent or null
 * @throws {LicenseError} INVALID_REQUEST when one is malformed or not known, naming it in `detail.field`
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
  const { field, why } = faultOf(issues)
  return new LicenseError('INVALID_REQUEST', `${field}: ${why}`, { detail: { field } })
}

/**
 * The parser of an input that also has a type by name, which callers see. It compiles only where schema and type have the
 * same fields of the same types, so that neither can change alone.
 *
 *     const parseChanges = parserOf<LicenseChanges>()(licenseChanges)
 */
export function parserOf<Input>() {
  return <Schema extends z.ZodObject>(schema: Schema & Agreeing<z.input<Schema>, Input>) => inputParser<Schema>(schema)
}

type Agreeing<A, B> =
  Same<Plain<A>, Plain<B>> extends true ? unknown : { readonly differs: readonly [Plain<A>, Plain<B>] }

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** A type as it is written by hand: read-only, an optional field without undefined, one object for several joined. */
type Plain<T> = unknown extends T
  ? unknown
  : T extends Date | string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Plain<Item>[]
      : { readonly [Name in keyof T]: Plain<Exclude<T[Name], undefined>> }
