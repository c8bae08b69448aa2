import * as z from 'zod'
import { didYouMean } from '../unknown-name'

/** The field that is at fault, where there is one, and what is wrong with it. Never the value. */
export interface Fault {
  readonly field: string
  readonly why: string
}

type Path = readonly PropertyKey[]

/**
 * The first thing that is wrong.
 * @param schema what the value was to be: a field that it does not know is told with the one that may be meant
 */
export function faultOf(issues: readonly z.core.$ZodIssue[], schema?: z.ZodType): Fault {
  const issue = issues[0] && nearestIn(issues[0])
  if (issue?.code === 'unrecognized_keys') {
    const [name = ''] = issue.keys
    const known = schema === undefined ? [] : fieldsAt(schema, issue.path)
    return { field: [...issue.path, name].join('.'), why: `is not a known field${didYouMean(name, known)}` }
  }
  return { field: issue?.path.join('.') ?? '', why: issue?.message ?? 'is not as it should be' }
}

/** Of a value that may have several shapes, what is wrong with it as the one that it is nearest to. */
function nearestIn(issue: z.core.$ZodIssue): z.core.$ZodIssue {
  if (issue.code !== 'invalid_union') return issue
  const strangers = (shape: readonly z.core.$ZodIssue[]) =>
    shape.flatMap((fault) => (fault.code === 'unrecognized_keys' ? fault.keys : [])).length
  const [nearest] = [...issue.errors].sort((a, b) => strangers(a) - strangers(b) || a.length - b.length)
  const first = nearest?.find(({ code }) => code === 'unrecognized_keys') ?? nearest?.[0]
  return first === undefined ? issue : nearestIn({ ...first, path: [...issue.path, ...first.path] })
}

/** The fields that are known of the object that a path leads to. */
function fieldsAt(schema: z.ZodType, path: Path): readonly string[] {
  const [step, ...rest] = path
  const inner = unwrap(schema)
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => fieldsAt(option as z.ZodType, path))
  if (!(inner instanceof z.ZodObject)) return []
  if (step === undefined) return Object.keys(inner.shape)
  const field: z.ZodType | undefined = inner.shape[String(step)]
  return field === undefined ? [] : fieldsAt(field, rest)
}

/** A schema without what makes it optional or nullable. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (!(schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)) return schema
  return unwrap(schema.unwrap() as z.ZodType)
}
