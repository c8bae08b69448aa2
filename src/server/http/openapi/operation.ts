import { PUBLISHABLE_SCOPES } from '../../../domain/access-token'
import type { RouteDefinition, RouteName } from '../../../protocol/routes'
import type { RouteDescription } from '../../../protocol/schemas/api/describe-route'
import { type JsonSchema, type NamedSchemas, nameOf, schemaOf } from '../../../protocol/schemas/api/json-schema'
import { signsRefusals } from '../sign-no'
import type { DescribedEndpoint } from './errors'
import { describeResponses, type SharedExamples } from './responses'

/** One operation of the document. */
export function describeOperation(
  name: RouteName,
  endpoint: DescribedEndpoint,
  description: RouteDescription,
  parts: { readonly schemas: NamedSchemas; readonly examples: SharedExamples },
): JsonSchema {
  const { route } = endpoint
  const parameters = [
    ...pathParameters(description),
    ...queryParameters(route, description, parts.schemas),
    ...(route.takesKeyInHeader === true ? [{ $ref: '#/components/parameters/LicenseKey' }] : []),
    ...(route.family === 'keymint' ? [{ $ref: '#/components/parameters/Wire' }] : []),
    ...(route.proves ? [{ $ref: '#/components/parameters/Proof' }] : []),
    ...(signsRefusals(route) ? [{ $ref: '#/components/parameters/Nonce' }] : []),
    ...(route.bindsKeys === true ? [{ $ref: '#/components/parameters/Recovery' }] : []),
    ...(route.mutates ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
  ]
  return {
    operationId: name,
    tags: [route.family],
    summary: description.summary,
    description: [description.description, scopeNote(route)].filter((part) => part !== '').join('\n\n'),
    ...(parameters.length > 0 && { parameters }),
    ...requestBody(route, description),
    responses: describeResponses(name, endpoint, description, parts.examples),
    security: securityOf(route),
    ...(route.scopes.length > 0 && { 'x-required-scopes': route.scopes }),
  }
}

function pathParameters({ pathParameters = {} }: RouteDescription): readonly JsonSchema[] {
  return Object.entries(pathParameters).map(([name, { description, example, values }]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string', ...(values && { enum: values }) },
    example,
  }))
}

/** The fields of a request as parameters. None is required where the body, or a header, may hold it instead. */
function queryParameters(
  { input, takesKeyInHeader }: RouteDefinition,
  { request, examples }: RouteDescription,
  schemas: NamedSchemas,
): readonly JsonSchema[] {
  if (request === undefined || (input !== 'query' && input !== 'either')) return []
  const { properties, required } = schemas[nameOf(request) ?? ''] as {
    readonly properties: NamedSchemas
    readonly required?: readonly string[]
  }
  const [example] = Object.values(examples)
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required:
      input === 'query' && required?.includes(name) === true && !(takesKeyInHeader === true && name === 'licenseKey'),
    description,
    schema,
    ...(example?.request?.[name] !== undefined && { example: example.request[name] }),
  }))
}

function requestBody({ input }: RouteDefinition, { request, examples }: RouteDescription): JsonSchema {
  if (request === undefined || (input !== 'body' && input !== 'either')) return {}
  const values = Object.entries(examples).map(([name, { summary, request: value }]) => [name, { summary, value }])
  return {
    requestBody: {
      required: input === 'body',
      content: { 'application/json': { schema: schemaOf(request), examples: Object.fromEntries(values) } },
    },
  }
}

function securityOf({ authentication, scopes }: RouteDefinition): readonly JsonSchema[] {
  if (authentication === 'none') return []
  return [{ [authentication === 'api-key' ? 'apiKey' : 'accessToken']: scopes }]
}

function scopeNote({ scopes }: RouteDefinition): string {
  if (scopes.length === 0) return ''
  const names = scopes.map((scope) => `\`${scope}\``).join(' and ')
  const publishable = scopes.every((scope) => PUBLISHABLE_SCOPES.includes(scope))
  return `Takes the scope ${names}${publishable ? '; a publishable token is enough' : ''}.`
}
