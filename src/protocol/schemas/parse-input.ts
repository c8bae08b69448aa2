import type * as z from 'zod'
import { LicenseError } from '../license-error'
import { faultOf } from './fault-of'
import { tryParse } from './try-parse'

/**
 * Checks the shape of an input. Fields that its schema does not know are dropped, `__proto__` among them; of a strict schema,
 * they are refused.
 *
 * @throws {LicenseError} MISSING_PARAMS when a required field is absent or null
 * @throws {LicenseError} INVALID_REQUEST when one is malformed or not known, naming it in `detail.field` and, where it looks
 *   mistyped, the field that may be meant in the message
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
    const strangers = result.issues.filter(({ code }) => code === 'unrecognized_keys')
    // A field that seems to be missing is often the one that was mistyped.
    const missing = strangers.length === 0 && required.find((name) => isMissing(fields as object, name))
    if (missing) throw new LicenseError('MISSING_PARAMS', `${missing} is required`, { detail: { field: missing } })
    const { field, why } = faultOf([...strangers, ...result.issues], schema)
    throw new LicenseError('INVALID_REQUEST', field === '' ? why : `${field}: ${why}`, { detail: { field } })
  }
}

function acceptsAbsence(schema: z.ZodObject, name: string): boolean {
  return !schema.safeParse({}).error?.issues.some((issue) => issue.path[0] === name)
}

function isMissing(fields: object, name: string): boolean {
  const value = (fields as Readonly<Record<string, unknown>>)[name]
  return value === undefined || value === null
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
