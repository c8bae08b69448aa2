import type { Request, RequestHandler, Response } from 'express'
import type * as z from 'zod'
import type { AccessToken } from '../../domain/access-token'
import { canonicalKey } from '../../domain/license-key'
import type { Proof } from '../../domain/proof'
import { isRecord } from '../../protocol/json'
import { isLicenseError } from '../../protocol/license-error'
import { ROUTES, type RouteDefinition, type RouteName } from '../../protocol/routes'
import { inputParser, type ParseInput } from '../../protocol/schemas/parse-input'
import type { TokenAuthenticator } from '../service/access-tokens'
import type { Call, ServiceContext } from '../service/context'
import { type Answer, type JsonAnswer, sendAnswer } from './answer'
import { authorizeProducts, authorizeRoute, readToken, remoteAddress } from './authenticate'
import type { IdempotencyGate, IdempotentRequest } from './idempotency'
import { readCaller } from './proof/caller'
import type { ProofVerifier } from './proof/verify-proof'
import type { RateLimiter } from './rate-limit'
import { rawBodyOf, readBody } from './read-body'
import { isUnexpected, renderError } from './render-error'

/** A request that has passed authentication, authorisation and the check of its shape. */
export interface EndpointRequest<Input> {
  readonly input: Input
  readonly token: AccessToken
  readonly call: Call
  /** The path's parameters, decoded. */
  readonly params: Readonly<Record<string, string>>
}

/** What a wire family says of one route: what it takes and what it answers. */
export interface EndpointSpec<Input> {
  /** What the schema alone cannot tell of the input's shape, or of the scopes it takes. Throws where it is at fault. */
  readonly check?: (input: Input, token: AccessToken) => void
  /** The products the request is about, for the token's product list; absent where only a look-up can tell. */
  readonly productIds?: (input: Input) => readonly string[]
  /** The license key the request is about, where it is not in the path: for the limits on guessing. */
  readonly licenseKey?: (input: Input) => string | undefined
  /** Where the route answers an error in a shape of its own. */
  readonly render?: (error: unknown) => Omit<JsonAnswer, 'headers'> | undefined
  /** An error of `handle` as the caller is told of it, where the input makes it another. */
  readonly explain?: (error: unknown, input: Input) => unknown
  readonly handle: (request: EndpointRequest<Input>, context: ServiceContext) => Promise<Answer>
}

export interface Endpoint<Input> extends EndpointSpec<Input> {
  readonly route: RouteDefinition
  /** Absent where the route takes no input but its path. */
  readonly parse?: ParseInput<Input>
}

/** What serving an endpoint takes. */
export interface EndpointDependencies {
  readonly context: ServiceContext
  readonly tokens: TokenAuthenticator
  readonly limits: RateLimiter
  readonly proofs: ProofVerifier
  readonly idempotency: IdempotencyGate
  readonly jsonParser: RequestHandler
  readonly logError: (error: unknown, route: RouteDefinition) => void
  readonly warn: (message: string) => void
}

/** Who sends a request, as far as its headers tell. */
interface Caller {
  readonly token: AccessToken
  readonly proof: Proof
  readonly idempotent: IdempotentRequest | undefined
}

/** An endpoint ready to be mounted. */
export interface ServedEndpoint extends Pick<Endpoint<never>, 'route' | 'render'> {
  /** The token of a caller who may use the route; changes nothing. Absent where the route is open to all. */
  readonly admit?: (req: Request) => Promise<AccessToken>
  /** Handles a request. Never rejects. */
  readonly serve: (req: Request, res: Response) => Promise<void>
}

/** Binds a route of the table to the schema of its input (body, or query of a GET) and its handler. */
export function endpoint<Schema extends z.ZodObject>(
  name: RouteName,
  schema: Schema,
  spec: EndpointSpec<z.output<Schema>>,
): Endpoint<z.output<Schema>> {
  return { route: ROUTES[name], parse: inputParser(schema), ...spec }
}

/** Binds a route that takes no input but its path. */
export function pathEndpoint(name: RouteName, spec: EndpointSpec<undefined>): Endpoint<undefined> {
  return { route: ROUTES[name], ...spec }
}

/** An endpoint with its steps, in the order the protocol fixes. */
export function serveEndpoint<Input>(spec: Endpoint<Input>, dependencies: EndpointDependencies): ServedEndpoint {
  const { route, render } = spec
  const { context, limits, proofs, idempotency, logError } = dependencies

  async function admit(req: Request): Promise<AccessToken> {
    await limits.admitAddress(req)
    const token = await authenticate(req, route, dependencies)
    await limits.admitToken(req, token)
    authorizeRoute(token, route, req)
    return token
  }

  async function answer(req: Request, res: Response): Promise<Answer> {
    const token = await admit(req)
    const proof = await readCaller(req, route, token, proofs)
    const idempotent = route.mutates ? idempotency.enter(req, token) : undefined
    try {
      return await answerAuthorized(req, res, { token, proof, idempotent })
    } finally {
      idempotent?.done()
    }
  }

  async function answerAuthorized(req: Request, res: Response, { token, proof, idempotent }: Caller): Promise<Answer> {
    const input = await readInput(spec, req, res, dependencies.jsonParser)
    spec.check?.(input, token)
    authorizeProducts(token, spec.productIds?.(input) ?? [])
    const params = req.params as Record<string, string>
    const licenseKey = spec.licenseKey?.(input) ?? params.key
    if (licenseKey !== undefined) await limits.admitKey(req, token, canonicalKey(licenseKey))
    const replay = { happened: false }
    const call: Call = {
      accountId: token.accountId,
      actor: { id: token.id, address: remoteAddress(req) },
      proof,
      ...(idempotent && { idempotency: idempotent.toStep(rawBodyOf(req), proof.proofKey, context.now()) }),
      onReplay: () => {
        replay.happened = true
      },
    }
    try {
      return markReplay(await spec.handle({ input, token, call, params }, context), replay.happened)
    } catch (error) {
      if (isLicenseError(error, 'LICENSE_NOT_FOUND', 'LICENSE_FOREIGN')) await limits.countWrongKey(req)
      const told = spec.explain?.(error, input) ?? error
      return markReplay(toErrorAnswer(spec, told, logError), replay.happened)
    }
  }

  return {
    route,
    ...(render && { render }),
    admit,
    async serve(req, res) {
      try {
        sendAnswer(res, await answer(req, res))
      } catch (error) {
        sendAnswer(res, toErrorAnswer(spec, error, logError))
      }
    },
  }
}

async function authenticate(
  req: Request,
  route: RouteDefinition,
  { tokens, limits }: EndpointDependencies,
): Promise<AccessToken> {
  if (route.authentication === 'none') throw new TypeError(`${route.path} is open to all and has no endpoint`)
  try {
    return await tokens.authenticate(readToken(req, route.authentication))
  } catch (error) {
    if (isLicenseError(error, 'INVALID_ACCESS_TOKEN', 'MISSING_AUTHORIZATION')) await limits.countUnauthenticated(req)
    throw error
  }
}

async function readInput<Input>(
  spec: Endpoint<Input>,
  req: Request,
  res: Response,
  jsonParser: RequestHandler,
): Promise<Input> {
  if (spec.parse === undefined) return undefined as Input
  if (spec.route.input === 'query') return spec.parse(req.query)
  const body = await readBody(req, res, jsonParser)
  return spec.parse(spec.route.input === 'either' ? mergeInputs(req.query, body) : body)
}

/** A body's fields count before those of the query; a body that is no object is the schema's to refuse. */
function mergeInputs(query: object, body: unknown): unknown {
  return body === undefined || isRecord(body) ? { ...query, ...body } : body
}

function markReplay(answer: Answer, replayed: boolean): Answer {
  return replayed ? { ...answer, headers: { ...answer.headers, 'Idempotent-Replayed': 'true' } } : answer
}

/** The answer to an error, in the words of the route or its family; what nobody expected is logged. */
export function toErrorAnswer(
  { route, render }: Pick<Endpoint<never>, 'route' | 'render'>,
  error: unknown,
  logError: EndpointDependencies['logError'],
): JsonAnswer {
  const answer = { ...renderError(error, route), ...render?.(error) }
  if (isUnexpected(answer)) logError(error, route)
  return answer
}
