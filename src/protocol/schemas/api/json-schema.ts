import * as z from 'zod'
import { answerComponents } from '../answers/parts'
import { instant, metadata } from '../primitives'
import type { RouteDescription } from './describe-route'
import { FIELD_NOTES, FORMAT_NOTES } from './fields'
import { requestComponents } from './request-components'

/** A JSON Schema (draft 2020-12) as an OpenAPI 3.1 document holds it. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** One field of a request, where the request is a query. */
export interface RequestParameter {
  readonly name: string
  readonly required: boolean
  readonly description: string | undefined
  readonly schema: JsonSchema
}

const PREFIX = '#/components/schemas/'

type Override = NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']

/** Every named schema, in the form of what is sent: requests before, answers after validation. */
export function namedSchemas(): Readonly<Record<string, JsonSchema>> {
  const requests = convert(requestComponents, 'input', describeInput)
  const answers = convert(answerComponents, 'output', undefined)
  return { ...mapValues(requests, withFieldNotes), ...answers }
}

/** A reference to a named schema, or the schema itself where it has no name. */
export function schemaOf(schema: z.ZodType): JsonSchema {
  const { id } = answerComponents.get(schema) ?? requestComponents.get(schema) ?? {}
  return id === undefined ? toPlain(z.toJSONSchema(schema)) : { $ref: PREFIX + id }
}

/** The fields of a request, taken from its named schema. */
export function parametersOf(
  { request }: RouteDescription,
  schemas: Readonly<Record<string, JsonSchema>>,
): readonly RequestParameter[] {
  const id = request && requestComponents.get(request)?.id
  const { properties = {}, required = [] } = (id === undefined ? {} : schemas[id]) as {
    readonly properties?: Readonly<Record<string, JsonSchema>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    required: required.includes(name),
    description: description as string | undefined,
    schema,
  }))
}

function convert(registry: typeof answerComponents, io: 'input' | 'output', override: Override) {
  const uri = (id: string) => PREFIX + id
  const { schemas } = z.toJSONSchema(registry, { io, uri, unrepresentable: 'any', ...(override && { override }) })
  return mapValues(schemas as Record<string, JsonSchema>, toPlain)
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
    Object.assign(jsonSchema, { default: def.defaultValue })
  } else if (def.type === 'pipe' && def.in._zod.def.type === 'union' && def.out._zod.def.type === 'number') {
    // A whole number, or the same in digits: the bounds hold for both.
    const { anyOf } = jsonSchema as { anyOf?: JsonSchema[] }
    const { $schema: _, ...bounded } = z.toJSONSchema(def.out)
    if (anyOf !== undefined) jsonSchema.anyOf = [bounded, ...anyOf.slice(1)]
  }
}

function withFieldNotes(schema: JsonSchema): JsonSchema {
  return annotate(schema, FIELD_NOTES)
}

/** The schema with its properties' descriptions, one level further down too. */
function annotate(schema: JsonSchema, notes: Readonly<Record<string, string>>): JsonSchema {
  const properties = schema.properties as Readonly<Record<string, JsonSchema>> | undefined
  if (properties === undefined) return schema
  const described = Object.entries(properties).map(([name, property]) => {
    const { anyOf } = property as { readonly anyOf?: readonly JsonSchema[] }
    const inner = anyOf?.map((option) => annotate(option, name === 'format' ? FORMAT_NOTES : FIELD_NOTES))
    return [name, { ...property, ...(inner && { anyOf: inner }), description: notes[name] }]
  })
  return { ...schema, properties: Object.fromEntries(described) }
}

/**
 * Without what says nothing to a reader: the ids and dialects, which the document gives; bounds no number can pass; and
 * the promise that no field will ever be added. Alternatives within alternatives become one list.
 */
function toPlain(schema: JsonSchema): JsonSchema {
  const kept = Object.entries(schema).filter(([keyword, value]) => !isNoise(keyword, value))
  const plain = mapValues(Object.fromEntries(kept), plainValue)
  return Array.isArray(plain.anyOf) ? { ...plain, anyOf: flatten(plain.anyOf) } : plain
}

function isNoise(keyword: string, value: unknown): boolean {
  if (keyword === '$schema' || keyword === '$id' || keyword === 'propertyNames') return true
  return (keyword === 'maximum' && value === Number.MAX_SAFE_INTEGER) || (keyword === 'additionalProperties' && !value)
}

function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue)
  return typeof value === 'object' && value !== null ? toPlain(value as JsonSchema) : value
}

function flatten(options: readonly JsonSchema[]): readonly JsonSchema[] {
  return options.flatMap((option) =>
    Array.isArray(option.anyOf) && Object.keys(option).length === 1 ? flatten(option.anyOf) : [option],
  )
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))
}
