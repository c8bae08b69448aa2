import type { Request, RequestHandler, Response } from 'express'
import type { z } from 'zod'
import { ROUTES, type RouteDefinition, type RouteName } from '../../protocol/routes'
import { inputParser, type ParseInput } from '../../protocol/schemas/parse-input'
import type { AccessToken } from '../domain/access-token'
import type { TokenAuthenticator } from '../service/access-tokens'
import type { Call, ServiceContext } from '../service/context'
import { type Answer, sendAnswer } from './answer'
import { authorizeProducts, authorizeRoute, readToken, remoteAddress } from './authenticate'
import { readBody } from './read-body'
import { isUnexpected, type RenderingTable, renderError } from './render-error'

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
  /** Where the route answers an error otherwise than its family. */
  readonly renderings?: RenderingTable
  readonly render?: (error: unknown) => Answer | undefined
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
  readonly jsonParser: RequestHandler
  readonly logError: (error: unknown, route: RouteDefinition) => void
}

/** An endpoint ready to be mounted; `bodyError` is what a parser of the host app's threw before. Never rejects. */
export interface ServedEndpoint {
  readonly route: RouteDefinition
  readonly serve: (req: Request, res: Response, bodyError?: unknown) => Promise<void>
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
  const { route } = spec
  const answer = async (req: Request, res: Response, bodyError: unknown): Promise<Answer> => {
    const token = await authenticate(req, route, dependencies.tokens)
    authorizeRoute(token, route, req)
    const input = await readInput(spec, req, res, dependencies.jsonParser, bodyError)
    spec.check?.(input, token)
    authorizeProducts(token, spec.productIds?.(input) ?? [])
    const call: Call = { accountId: token.accountId, actor: { id: token.id, address: remoteAddress(req) } }
    const params = req.params as Record<string, string>
    return spec.handle({ input, token, call, params }, dependencies.context)
  }
  return {
    route,
    async serve(req, res, bodyError) {
      try {
        sendAnswer(res, await answer(req, res, bodyError))
      } catch (error) {
        sendError(spec, res, error, dependencies)
      }
    },
  }
}

async function authenticate(req: Request, route: RouteDefinition, tokens: TokenAuthenticator): Promise<AccessToken> {
  if (route.authentication === 'none') throw new TypeError(`${route.path} is open to all and has no endpoint`)
  return tokens.authenticate(readToken(req, route.authentication))
}

async function readInput<Input>(
  spec: Endpoint<Input>,
  req: Request,
  res: Response,
  jsonParser: RequestHandler,
  bodyError: unknown,
): Promise<Input> {
  if (spec.parse === undefined) return undefined as Input
  if (!spec.route.body) return spec.parse(req.query)
  return spec.parse(await readBody(req, res, jsonParser, bodyError))
}

function sendError<Input>(
  spec: Endpoint<Input>,
  res: Response,
  error: unknown,
  { logError }: EndpointDependencies,
): void {
  const answer = spec.render?.(error) ?? renderError(error, spec.route.family, spec.renderings)
  sendAnswer(res, answer)
  if (isUnexpected(answer)) logError(error, spec.route)
}
