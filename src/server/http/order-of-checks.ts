import type { AccessToken } from '../../domain/access-token'
import { isRecord } from '../../protocol/json'
import { isLicenseError } from '../../protocol/license-error'
import { canonicalKey, looseForm, pastedKeys } from '../../protocol/license-key-text'
import type { RouteDefinition } from '../../protocol/routes'
import type { Call } from '../service/context'
import { type KeyAsked, lookForHolder } from '../service/key-holder'
import type { Answer } from './answer'
import { authorizeProducts, authorizeRoute, readToken } from './authenticate'
import { type Endpoint, type EndpointDependencies, type ServedEndpoint, toErrorAnswer } from './endpoint'
import { handlePasted } from './handle-pasted'
import { readQuery } from './header-key'
import type { HttpRequest } from './http-request'
import type { IdempotentRequest } from './idempotency'
import type { SpokenWire } from './keymint-wire'
import { readCaller } from './proof/caller'
import { type Body, bodyErrorOf, NO_BODY, readBody } from './read-body'
import { readNonce, signNo } from './sign-no'

/** Who sends a request, as far as its headers tell. */
interface Caller {
  readonly token: AccessToken
  readonly shown: Pick<Call, 'proof' | 'takes'>
  readonly idempotent: IdempotentRequest | undefined
  readonly spoken: SpokenWire
}

/** What is asked for, as far as the table of routes says that it must be named. */
interface NamedByInput {
  readonly productId?: string
  readonly licenseKey?: string
  readonly hostId?: string
}

/** An endpoint with its steps, in the order the protocol fixes. */
export function serveEndpoint(spec: Endpoint, dependencies: EndpointDependencies): ServedEndpoint {
  const { route } = spec
  const { context, limits, proofs, idempotency, wires, logError } = dependencies
  type Params = Readonly<Record<string, string>>

  async function admit(request: HttpRequest, spoken: SpokenWire): Promise<AccessToken> {
    const token = await authenticate(request, route, dependencies)
    spoken.authenticated(token)
    await limits.admitToken(request, token)
    authorizeRoute(token, route, request)
    return token
  }

  /** Does so; an error is told in the form that is spoken, as far as that is known by then. */
  async function telling(request: HttpRequest, act: (spoken: SpokenWire) => Promise<Answer>): Promise<Answer> {
    const spoken = wires.listen(request, route)
    return act(spoken).catch((error) => toErrorAnswer({ ...spec, wire: spoken.wire }, error, logError))
  }

  async function answer(request: HttpRequest, params: Params, spoken: SpokenWire): Promise<Answer> {
    const token = await admit(request, spoken)
    spoken.admitted(token)
    const shown = await readCaller(request, route, token, proofs)
    const idempotent = route.mutates ? idempotency.enter(request, token) : undefined
    try {
      return await answerAuthorized(request, params, { token, shown, idempotent, spoken })
    } finally {
      idempotent?.done()
    }
  }

  async function answerAuthorized(request: HttpRequest, params: Params, caller: Caller): Promise<Answer> {
    const { token, shown, idempotent, spoken } = caller
    const { wire } = spoken
    const { input, body } = await readInput(spec, request)
    idempotent?.take()
    spec.check?.(input, token)
    const named = nameAsked(route, input as NamedByInput, params)
    if (route.products === 'named') authorizeProducts(token, [String(named.productId)])
    const acting = { accountId: token.accountId, ...shown }
    const look = () => lookForHolder(context, acting, named)
    const counted = countedAs(named.canonicalKey)
    await limits.admitKey(request, token, counted, look)
    const change = { ...named, canonicalKey: counted, trialOf: route.keeps === 'trial' ? named.productId : undefined }
    const isCounted = route.mutates && route.keeps !== 'nothing'
    const closed = isCounted ? await limits.closed(request, token, change, look) : undefined
    const happened = { replay: false, kept: false, changed: false }
    const nonce = readNonce(request, route, body.value)
    const tell = (told: Answer) =>
      signNo(context, markReplay(told, happened.replay), { nonce, body: body.value, proofKey: shown.proof.proofKey })
    const call: Call = {
      ...acting,
      ...(nonce !== undefined && { nonce }),
      actor: { id: token.id, address: request.address },
      ...productsOf(token),
      ...(idempotent && { idempotency: idempotent.toStep(body, shown.proof.proofKey, context.now()) }),
      ...(closed && { closed }),
      onReplay: () => {
        happened.replay = true
      },
      onKept: (changed) => {
        happened.kept = true
        happened.changed ||= changed
      },
    }
    try {
      const admitMeant = (key: string) =>
        limits.admitKey(request, token, countedAs(key), () =>
          lookForHolder(context, acting, { ...named, canonicalKey: key }),
        )
      return await tell(await handlePasted(spec, { input, token, call, params, wire }, context, admitMeant))
    } catch (error) {
      if (isLicenseError(error, 'LICENSE_NOT_FOUND', 'LICENSE_FOREIGN')) await limits.countWrongKey(request, token)
      const told = spec.explain?.(error, input) ?? error
      return await tell(toErrorAnswer({ ...spec, wire }, told, logError))
    } finally {
      // An answer that is kept for a retry says nothing of the license.
      if (happened.kept) await limits.countChange(request, token, happened.changed ? change : {})
    }
  }

  return {
    route,
    serve: (request, params) => telling(request, (spoken) => answer(request, params, spoken)),
    refuse: (request, bodyError) =>
      telling(request, async (spoken) => {
        await admit(request, spoken)
        throw bodyErrorOf(request, bodyError)
      }),
  }
}

/** However it is spelled, and whatever stands before it, a key is one. */
export function countedAs(canonical: string | undefined): string | undefined {
  return canonical === undefined ? undefined : looseForm(pastedKeys(canonical).at(-1) ?? '') || canonical
}

/** What a request is about, as its limits count it. */
function nameAsked(
  route: RouteDefinition,
  { productId, licenseKey, hostId }: NamedByInput,
  { key }: Readonly<Record<string, string>>,
): KeyAsked & { readonly productId: string | undefined } {
  const shown = route.licenseKey === 'path' ? key : licenseKey
  return { productId, hostId, canonicalKey: route.licenseKey === 'none' ? undefined : canonicalKey(String(shown)) }
}

async function authenticate(
  request: HttpRequest,
  route: RouteDefinition,
  { tokens, limits }: EndpointDependencies,
): Promise<AccessToken> {
  if (route.authentication === 'none') throw new TypeError(`${route.path} is open to all and takes no token`)
  try {
    return await tokens.authenticate(readToken(request, route.authentication))
  } catch (error) {
    if (isLicenseError(error, 'INVALID_ACCESS_TOKEN', 'MISSING_AUTHORIZATION')) {
      await limits.countUnauthenticated(request)
    }
    throw error
  }
}

interface ReadInput {
  /** Without fields where the route takes no input. */
  readonly input: unknown
  readonly body: Body
}

async function readInput({ parse, route }: Endpoint, request: HttpRequest): Promise<ReadInput> {
  if (parse === undefined) return { input: {}, body: NO_BODY }
  if (route.input === 'query') return { input: parse(readQuery(request, route)), body: NO_BODY }
  const body = await readBody(request)
  const input = route.input === 'either' ? mergeInputs(readQuery(request, route), body.value) : body.value
  return { input: parse(input), body }
}

/** The products that a token may act on; none are named where it may on all. */
function productsOf({ productIds, kind }: AccessToken): Pick<Call, 'products'> {
  if (productIds !== null) return { products: productIds }
  return kind === 'secret' ? {} : { products: [] }
}

/** A body's fields count before those of the query; a body that is no object is the schema's to refuse. */
function mergeInputs(query: object, body: unknown): unknown {
  return body === undefined || isRecord(body) ? { ...query, ...body } : body
}

function markReplay(answer: Answer, replayed: boolean): Answer {
  return replayed ? { ...answer, headers: { ...answer.headers, 'Idempotent-Replayed': 'true' } } : answer
}
