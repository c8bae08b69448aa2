import type { AccessToken } from '../../domain/access-token'
import type { KeymintWire } from '../../protocol/enumerations'
import type { LicenseError } from '../../protocol/license-error'
import { ROUTES, type RouteDefinition, type RouteName } from '../../protocol/routes'
import type { AnswerOf } from '../../protocol/schemas/api/index'
import { inputParser, type ParseInput } from '../../protocol/schemas/parse-input'
import { type InputOf, REQUESTS } from '../../protocol/schemas/requests'
import type { TokenAuthenticator } from '../service/access-tokens'
import type { Call, ServiceContext } from '../service/context'
import type { Answer, JsonAnswer } from './answer'
import type { HttpRequest } from './http-request'
import type { IdempotencyGate } from './idempotency'
import type { WireListener } from './keymint-wire'
import type { ProofVerifier } from './proof/verify-proof'
import type { RateLimiter } from './rate-limit'
import { bodyErrorOf } from './read-body'
import { isUnexpected, renderError } from './render-error'

/** A request that has passed authentication, authorisation and the check of its shape. */
export interface EndpointRequest<Input> {
  readonly input: Input
  readonly token: AccessToken
  readonly call: Call
  /** The path's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The form of KeyMint's answers that the caller reads. */
  readonly wire: KeymintWire
}

/** What a wire family says of one route, beyond its line in the table of routes: what it does and answers. */
export interface EndpointSpec<Input, Body extends object = object> {
  /** What the schema alone cannot tell of the input's shape, or of the scopes it takes. Throws where it is at fault. */
  check?(input: Input, token: AccessToken): void
  /** Where the route answers an error in a shape of its own. */
  render?(error: unknown): Omit<JsonAnswer, 'headers'> | undefined
  /** An error of `handle` as the caller is told of it, where the input makes it another. */
  explain?(error: unknown, input: Input): unknown
  handle(request: EndpointRequest<Input>, context: ServiceContext): Promise<Answer<Body>>
}

export interface Endpoint<Input = unknown> extends EndpointSpec<Input> {
  readonly route: RouteDefinition
  /** Absent where the route takes no input but its path. */
  readonly parse?: ParseInput<Input>
}

/** Binds what a route does to its line in the table of routes, and to the schemas of its input and its answer. */
export function endpoint<Name extends RouteName>(
  name: Name,
  spec: EndpointSpec<InputOf<Name>, Extract<AnswerOf<Name>, object>>,
): Endpoint {
  const schemas: Readonly<Partial<Record<RouteName, (typeof REQUESTS)[keyof typeof REQUESTS]>>> = REQUESTS
  const schema = schemas[name]
  return { route: ROUTES[name], ...(schema && { parse: inputParser(schema) }), ...spec } as Endpoint
}

/** What serving an endpoint takes. */
export interface EndpointDependencies {
  readonly context: ServiceContext
  readonly tokens: TokenAuthenticator
  readonly limits: RateLimiter
  readonly proofs: ProofVerifier
  readonly idempotency: IdempotencyGate
  readonly wires: WireListener
  readonly logError: (error: unknown, route: RouteDefinition) => void
  readonly warn: (message: string) => void
}

/** An endpoint ready to be mounted. */
export interface ServedEndpoint {
  readonly route: RouteDefinition
  /** The answer to a request. Never rejects. */
  serve(request: HttpRequest, params: Readonly<Record<string, string>>): Promise<Answer>
  /**
   * The answer to a request that is not carried out, for this error in its body, or what comes before it in the order of checks.
   * Never rejects, and changes nothing.
   */
  refuse(request: HttpRequest, bodyError: LicenseError): Promise<Answer>
}

/** An endpoint that is open to all. */
export function openEndpoint(
  name: RouteName,
  logError: EndpointDependencies['logError'],
  answer: (request: HttpRequest, params: Readonly<Record<string, string>>) => Promise<Answer>,
): ServedEndpoint {
  const route = ROUTES[name]
  return {
    route,
    serve: (request, params) => answer(request, params).catch((error) => toErrorAnswer({ route }, error, logError)),
    refuse: refuseBodies(route),
  }
}

/** How a route that is open to all refuses a body. */
export function refuseBodies(route: RouteDefinition): ServedEndpoint['refuse'] {
  return async (request, bodyError) => renderError(bodyErrorOf(request, bodyError), route)
}

/** What an error is told by: the route, and the form of KeyMint's answers; by default the one before September 2026. */
export interface Teller extends Pick<Endpoint, 'route' | 'render'> {
  readonly wire?: KeymintWire
}

/** The answer to an error, in the words of the route or its family; what nobody expected is logged. */
export function toErrorAnswer(
  { route, render, wire }: Teller,
  error: unknown,
  logError: EndpointDependencies['logError'],
): JsonAnswer {
  const answer = { ...renderError(error, route, wire), ...render?.(error) }
  if (isUnexpected(answer)) logError(error, route)
  return answer
}
