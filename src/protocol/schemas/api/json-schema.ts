import * as z from 'zod'
import { answerComponents } from '../answers/parts'
import { instant, instantOrNever, metadata } from '../primitives'
import { FIELD_NOTES } from './field-notes'
import { requestComponents } from './request-components'

/** A JSON Schema (draft 2020-12) as an OpenAPI 3.1 document holds it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** Schemas of the document, by name. */
export type NamedSchemas = Readonly<Record<string, JsonSchema>>

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>

const PREFIX = '#/components/schemas/'

/** Every named schema. Requests are described as they are before their validation, answers as they are sent. */
export function namedSchemas(): NamedSchemas {
  const requests = convert(requestComponents, 'input')
  return { ...mapValues(requests, explain), ...convert(answerComponents, 'output') }
}

/** The name of a schema, where it has one. */
export function nameOf(schema: z.ZodType): string | undefined {
  return (answerComponents.get(schema) ?? requestComponents.get(schema))?.id
}

/** A reference to a named schema, or the schema itself where it has no name. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const name = nameOf(schema)
  return name === undefined ? plain(schema) : { $ref: PREFIX + name }
}

function plain(schema: z.core.$ZodType): JsonSchema {
  return withoutDialect(z.toJSONSchema(schema, { override: leaveOutNoise }))
}

function convert(registry: typeof answerComponents, io: 'input' | 'output'): NamedSchemas {
  const { schemas } = z.toJSONSchema(registry, {
    io,
    uri: (id) => PREFIX + id,
    unrepresentable: 'any',
    override(context) {
      leaveOutNoise(context)
      if (io === 'input') describeInput(context)
    },
  })
  return mapValues(schemas, withoutDialect)
}

/** Leaves out dialect and id: the document itself has the dialect and the names of its schemas. */
function withoutDialect({ $schema: _, $id: __, ...schema }: JsonSchema): JsonSchema {
  return schema
}

/**
 * Takes away keywords that tell a reader nothing: names that may be anything, bounds that no number can pass, and the
 * promise that no field will ever be added. Alternatives within alternatives become one list.
 */
const leaveOutNoise: Override = ({ jsonSchema }) => {
  delete jsonSchema.propertyNames
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
  const { anyOf } = jsonSchema
  if (anyOf) jsonSchema.anyOf = anyOf.flatMap((option) => (isOnlyAnyOf(option) ? option.anyOf : [option]))
}

function isOnlyAnyOf(schema: z.core.JSONSchema.BaseSchema): schema is { anyOf: z.core.JSONSchema.BaseSchema[] } {
  return schema.anyOf !== undefined && Object.keys(schema).length === 1
}

const INSTANT =
  'A date (`YYYY-MM-DD`, midnight UTC) or a date-time with `Z` or an offset. Years beyond 9999 are written with a sign and six ' +
  'digits.'

/** Adds to a request's schema what zod cannot know: the input of our own transforms. */
const describeInput: Override = ({ zodSchema, jsonSchema }) => {
  const { def } = zodSchema._zod
  if (zodSchema === (metadata as z.core.$ZodType)) {
    Object.assign(jsonSchema, { type: 'object', additionalProperties: true })
  } else if (zodSchema === (instant as z.core.$ZodType)) {
    Object.assign(jsonSchema, { type: 'string', description: INSTANT })
  } else if (zodSchema === (instantOrNever as z.core.$ZodType)) {
    Object.assign(jsonSchema, { type: 'string', description: `${INSTANT} Empty: never.` })
  } else if (def.type === 'default') {
    jsonSchema.default = def.defaultValue
  } else if (def.type === 'pipe' && def.in._zod.def.type === 'union' && def.out._zod.def.type === 'number') {
    // A whole number, or the same in digits: the bounds hold for both.
    const [, ...others] = jsonSchema.anyOf ?? []
    jsonSchema.anyOf = [plain(def.out), ...others]
  }
}

/** Adds the meaning of each field to a schema of a request, and to the objects within it. */
function explain(schema: JsonSchema): JsonSchema {
  const { anyOf, properties } = schema as { readonly anyOf?: readonly JsonSchema[]; readonly properties?: NamedSchemas }
  return {
    ...schema,
    ...(anyOf && { anyOf: anyOf.map(explain) }),
    ...(properties && {
      properties: mapValues(properties, (field, name) => ({ ...explain(field), description: FIELD_NOTES[name] })),
    }),
  }
}

function mapValues<A, B>(
  record: Readonly<Record<string, A>>,
  change: (value: A, name: string) => B,
): Readonly<Record<string, B>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]))
}
