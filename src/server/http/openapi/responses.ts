import { ERROR_HEADER } from '../../../protocol/error-codes'
import { ROUTES, type RouteDefinition } from '../../../protocol/routes'
import type { AnswerDescription, RouteDescription } from '../../../protocol/schemas/api/describe-route'
import { type JsonSchema, schemaOf } from '../../../protocol/schemas/api/json-schema'
import { ANSWER_HEADER } from '../../../protocol/signed-answer'
import { signsRefusals } from '../sign-no'
import { type DescribedEndpoint, type ErrorAnswer, errorAnswers, errorSchema } from './errors'

/** The examples that the document holds once, by name, and refers to. */
export interface SharedExamples {
  /** Keeps an example under the first of these names that is free or has the same example; returns the reference to it. */
  share(names: readonly string[], value: object): JsonSchema
  all(): Readonly<Record<string, { readonly value: object }>>
}

export function createSharedExamples(): SharedExamples {
  const kept = new Map<string, { readonly value: object }>()
  const isSame = (name: string, value: object) => JSON.stringify(kept.get(name)?.value) === JSON.stringify(value)
  return {
    share(names, value) {
      const free = names.find((name) => !kept.has(name) || isSame(name, value))
      if (free === undefined) throw new TypeError(`Other examples are named ${names.join(', ')}`)
      kept.set(free, { value })
      return { $ref: `#/components/examples/${free}` }
    },
    all: () => Object.fromEntries([...kept].sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** Everything a route can answer, by status. */
export function describeResponses(
  name: string,
  endpoint: DescribedEndpoint,
  description: RouteDescription,
  examples: SharedExamples,
): Readonly<Record<string, JsonSchema>> {
  const others = (description.otherAnswers ?? []).map(({ example, ...answer }) => [
    answer.status,
    { description: answer.description, content: contentOf(answer, { plain: { value: example } }) },
  ])
  const errors = errorAnswers(endpoint, description)
  const statuses = [...new Set(errors.map(({ status }) => status))].sort()
  return Object.fromEntries([
    [description.answer.status, success(endpoint.route, description)],
    ...others,
    ...statuses.map((status) => {
      const alike = errors.filter((error) => error.status === status)
      return [status, failure(endpoint.route, name, alike, examples)]
    }),
  ])
}

function success(route: RouteDefinition, { answer, examples }: RouteDescription): JsonSchema {
  const values = Object.entries(examples).flatMap(([name, example]) =>
    example.answer === undefined ? [] : [[name, { summary: example.summary, value: example.answer }]],
  )
  return {
    description: answer.description,
    ...headersOfSuccess(route),
    content: contentOf(answer, Object.fromEntries(values)),
  }
}

function headersOfSuccess(route: RouteDefinition): JsonSchema {
  const headers = {
    ...(route.mutates && { 'Idempotent-Replayed': { $ref: '#/components/headers/IdempotentReplayed' } }),
    ...(route === ROUTES.validateKey && { [ANSWER_HEADER]: { $ref: '#/components/headers/SignedAnswer' } }),
  }
  return Object.keys(headers).length > 0 ? { headers } : {}
}

function contentOf({ schema, mediaTypes = ['application/json'] }: AnswerDescription, examples: JsonSchema): JsonSchema {
  const content = { schema: schemaOf(schema), ...(Object.keys(examples).length > 0 && { examples }) }
  return Object.fromEntries(mediaTypes.map((mediaType) => [mediaType, content]))
}

function headersOf(route: RouteDefinition, errors: readonly ErrorAnswer[]): JsonSchema {
  const signs = signsRefusals(route) && errors.some(({ status }) => status < 500 && status !== 429)
  const headers = {
    [ERROR_HEADER]: { $ref: '#/components/headers/KeyslotError' },
    ...(signs && { [ANSWER_HEADER]: { $ref: '#/components/headers/SignedAnswer' } }),
    ...(errors.some(({ retry }) => retry) && { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }),
    ...(errors.some(({ challenge }) => challenge) && {
      'WWW-Authenticate': { $ref: '#/components/headers/ProofChallenge' },
      'DPoP-Nonce': { $ref: '#/components/headers/ProofNonce' },
    }),
  }
  return { headers }
}

function failure(
  route: RouteDefinition,
  name: string,
  errors: readonly ErrorAnswer[],
  shared: SharedExamples,
): JsonSchema {
  const owners = [route.family, name]
  const schemas = [...new Set(errors.map(errorSchema))].map(schemaOf)
  const examples = errors.map(({ code, body }) => {
    const names = [code, ...owners.map((owner) => `${code}.${owner}`)]
    return [code, shared.share(names, body)]
  })
  return {
    description: errors.map(({ when }) => when).join(' '),
    ...headersOf(route, errors),
    content: {
      'application/json': {
        schema: schemas.length === 1 ? schemas[0] : { anyOf: schemas },
        examples: Object.fromEntries(examples),
      },
    },
  }
}
