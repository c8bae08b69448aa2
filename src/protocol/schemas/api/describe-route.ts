import type * as z from 'zod'
import type { LicenseErrorCode } from '../../error-codes'
import { REQUESTS, type RouteWithInput } from '../requests'

/** One answer a route gives, errors aside. */
export interface AnswerDescription<Schema extends z.ZodType = z.ZodType> {
  readonly status: number
  readonly description: string
  readonly schema: Schema
  /** Default `application/json`. */
  readonly mediaTypes?: readonly string[]
}

/** A request that works, and its answer. Values of `EXAMPLE` stand for values of the reader's own store. */
interface RouteExample {
  readonly summary: string
  readonly request?: Readonly<Record<string, unknown>>
  /** Absent where the answer is a file. */
  readonly answer?: unknown
}

/** The description of a route, beyond its line in the table of routes. */
export interface RouteDescription<Answer extends z.ZodType = z.ZodType> {
  readonly summary: string
  /** CommonMark. */
  readonly description: string
  /** The schema that the endpoint validates its input with; absent where the path is the whole input. */
  readonly request?: z.ZodObject
  readonly pathParameters?: Readonly<Record<string, PathParameter>>
  readonly answer: AnswerDescription<Answer>
  /** Answers that are not errors of the family, such as the answer while the store is down. */
  readonly otherAnswers?: readonly (AnswerDescription & { readonly example: unknown })[]
  /** The errors of this route. The table of routes adds the errors that every route of its kind can give. */
  readonly refusals: readonly LicenseErrorCode[]
  /** By name; the first is the plainest. */
  readonly examples: Readonly<Record<string, RouteExample>>
}

interface PathParameter {
  readonly description: string
  readonly example: string
  readonly values?: readonly string[]
}

interface Described<Answer extends z.ZodType>
  extends Omit<RouteDescription, 'request' | 'answer' | 'examples' | 'refusals'> {
  readonly answer: { readonly schema: Answer; readonly status?: number; readonly description?: string }
  readonly refusals?: readonly LicenseErrorCode[]
}

type ExamplesOf<Request, Answer> = Readonly<
  Record<string, { readonly summary: string; readonly request: Request; readonly answer: Answer }>
>

/** Describes a route that takes an input; compiles only with examples that are of its schemas' types. */
export function describeRoute<Name extends RouteWithInput, Answer extends z.ZodType>(
  name: Name,
  description: Described<Answer> & {
    readonly examples: ExamplesOf<z.input<(typeof REQUESTS)[Name]>, z.output<Answer>>
  },
): RouteDescription<Answer> {
  return { ...fill(description), request: REQUESTS[name], examples: description.examples }
}

/** Describes a route whose only input is its path. */
export function describePath<Answer extends z.ZodType>(
  description: Described<Answer> & { readonly example: z.output<Answer> },
): RouteDescription<Answer> {
  const { example, ...rest } = description
  return { ...fill(rest), examples: { plain: { summary: description.summary, answer: example } } }
}

function fill<Answer extends z.ZodType>({ answer, refusals = [], ...rest }: Described<Answer>) {
  return { ...rest, refusals, answer: { status: 200, description: 'Done.', ...answer } }
}
