import * as z from 'zod'
import { answerComponents } from '../answers/parts'
import { instant, metadata } from '../primitives'
import { FIELD_NOTES } from './fields'
import { requestComponents } from './request-components'

/** A JSON Schema (draft 2020-12) as an OpenAPI 3.1 document holds it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** Schemas of the document, by name. */
export type NamedSchemas = Readonly<Record<string, JsonSchema>>

type Override = NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>

const PREFIX = '#/components/schemas/'

/** Every named schema, in the form of what is sent: requests before, answers after validation. */
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

/** The document itself says which dialect its schemas are written in, and what their names are. */
function withoutDialect({ $schema: _, $id: __, ...schema }: JsonSchema): JsonSchema {
  return schema
}

/**
 * Takes away what says nothing to a reader: names of any kind, bounds no number can pass, and the promise that no field
 * will ever be added. Alternatives within alternatives become one list.
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

/** What zod cannot say of our own schemas before their transforms have run. */
const describeInput: Override = ({ zodSchema, jsonSchema }) => {
  const { def } = zodSchema._zod
  if (zodSchema === (metadata as z.core.$ZodType)) {
    Object.assign(jsonSchema, { type: 'object', additionalProperties: true })
  } else if (zodSchema === (instant as z.core.$ZodType)) {
    Object.assign(jsonSchema, {
      type: 'string',
      description:
        'A date (`YYYY-MM-DD`, midnight UTC) or a date-time with `Z` or an offset. Years beyond 9999 are written with a ' +
        'sign and six digits.',
    })
  } else if (def.type === 'default') {
    jsonSchema.default = def.defaultValue
  } else if (def.type === 'pipe' && def.in._zod.def.type === 'union' && def.out._zod.def.type === 'number') {
    // A whole number, or the same in digits: the bounds hold for both.
    const [, ...others] = jsonSchema.anyOf ?? []
    jsonSchema.anyOf = [plain(def.out), ...others]
  }
}

/** A schema of a request with what its fields mean, and those of objects within it. */
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
