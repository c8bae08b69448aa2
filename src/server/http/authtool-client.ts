import { isLicenseError, LicenseError } from '../../protocol/license-error'
import type { RouteName } from '../../protocol/routes'
import type { ClientPackage, ClientStanding, ClientWelcome } from '../../protocol/schemas/answers/authtool-client'
import { clientDevice, clientLogin } from '../../protocol/schemas/authtool'
import { inputParser, type ParseInput } from '../../protocol/schemas/parse-input'
import { REQUESTS } from '../../protocol/schemas/requests'
import {
  type AuthtoolPackage,
  checkDevice,
  type DeviceStanding,
  findPackage,
  loginDevice,
} from '../service/authtool-client'
import type { Call } from '../service/context'
import { lookForHolder } from '../service/key-holder'
import { openData, sealData } from './authtool-cipher'
import { type EndpointDependencies, openEndpoint, type ServedEndpoint } from './endpoint'
import type { HttpRequest } from './http-request'
import { toExpiry } from './instants'
import type { DescribedEndpoint } from './openapi/errors'
import { countedAs } from './order-of-checks'
import type { LimitedCaller } from './rate-limit'
import { readBody } from './read-body'

type Serves = Pick<EndpointDependencies, 'context' | 'limits'>

/** A request of an app, its package found. */
interface AppRequest {
  readonly request: HttpRequest
  readonly found: AuthtoolPackage
  /** Whoever has the app: it is limited as with a publishable token. */
  readonly caller: LimitedCaller
}

type Fields = Readonly<Record<string, unknown>>

/** Family C: AuthTool's client API, at both of its paths. */
export function authtoolClientEndpoints(
  dependencies: EndpointDependencies,
): readonly (ServedEndpoint & Pick<DescribedEndpoint, 'parse'>)[] {
  const packages = ['authtoolClientPackage', 'authtoolApiClientPackage'] as const
  const checks = ['authtoolClientCheck', 'authtoolApiClientCheck'] as const
  const logins = ['authtoolClientLogin', 'authtoolApiClientLogin'] as const
  return [
    ...packages.map((name) => packageEndpoint(name, dependencies)),
    ...checks.map((name) => sealedEndpoint(name, dependencies, check)),
    ...logins.map((name) => sealedEndpoint(name, dependencies, login)),
  ]
}

function packageEndpoint(
  name: 'authtoolClientPackage' | 'authtoolApiClientPackage',
  dependencies: EndpointDependencies,
) {
  const parse = tokenParser(inputParser(REQUESTS[name]))
  return appEndpoint(name, dependencies, parse, async ({ found: { product, client, aesKey } }) => {
    const { mode, status, version, updateNote, downloadUpdateLink, contactUrl, isNeedKey } = client
    const answer: ClientPackage = {
      status: status === 'running' ? 1 : 0,
      name: product.name,
      version,
      updateNote,
      downloadUpdateLink,
      contactUrl,
      isNeedKey,
      requestTime: requestTime(dependencies),
    }
    return sealData(answer, aesKey, mode, dependencies.context.random)
  })
}

/** An endpoint that opens what the app has sent, and answers in the same mode. */
function sealedEndpoint(
  name: Exclude<Extract<RouteName, `authtool${'' | 'Api'}Client${string}`>, `${string}Package`>,
  dependencies: EndpointDependencies,
  answer: (asked: AppRequest, fields: Fields, serves: Serves) => Promise<ClientStanding | ClientWelcome>,
) {
  const parse = tokenParser(inputParser(REQUESTS[name]))
  return appEndpoint(name, dependencies, parse, async (asked, { data }) => {
    const { client, aesKey } = asked.found
    const opened = openData(data, aesKey, client.mode)
    if (opened === undefined)
      throw new LicenseError('INVALID_REQUEST', 'data: does not open with the key of the package')
    return sealData(await answer(asked, opened.fields, dependencies), aesKey, opened.mode, dependencies.context.random)
  })
}

function appEndpoint<Input extends { readonly token: string }>(
  name: RouteName,
  { context, limits, logError }: EndpointDependencies,
  parse: ParseInput<Input>,
  answer: (asked: AppRequest, input: Input) => Promise<string>,
) {
  const served = openEndpoint(name, logError, async (request) => {
    const input = parse((await readBody(request)).value)
    const found = await findPackage(context, input.token).catch(async (error: unknown) => {
      if (isLicenseError(error, 'PRODUCT_NOT_FOUND')) await limits.countUnauthenticated(request)
      throw error
    })
    const { id, accountId } = found.product
    const caller = { kind: 'publishable', id, accountId } as const
    await limits.admitToken(request, caller)
    return { body: { data: await answer({ request, found, caller }, input) } }
  })
  return { ...served, parse }
}

const parseDevice = inputParser(clientDevice)
const parseLogin = inputParser(clientLogin)

/** A hostId that nobody logged in with is a guess, as a wrong key is. */
async function check(
  { request, found, caller }: AppRequest,
  fields: Fields,
  { context, limits }: Serves,
): Promise<ClientStanding> {
  requireFields(fields, ['uid'])
  const { uid } = parseDevice(fields)
  await limits.admitKey(request, caller, `uid ${uid}`, async () => ({ isStrong: false, isBound: false }))
  const call = callOf({ request, found, caller })
  const standing = await checkDevice(context, call, found.product, uid).catch(async (error: unknown) => {
    if (isLicenseError(error, 'ACTIVATION_NOT_FOUND')) await limits.countWrongKey(request, caller)
    throw error
  })
  return { ...toAnswer(standing, { context }), isExpired: standing.isExpired }
}

async function login(asked: AppRequest, fields: Fields, { context, limits }: Serves): Promise<ClientWelcome> {
  const { request, found, caller } = asked
  requireFields(fields, ['uid', 'key'])
  const { uid: hostId, key: canonicalKey, clientModel } = parseLogin(fields)
  const change = { canonicalKey: countedAs(canonicalKey) }
  const look = () => lookForHolder(context, callOf(asked), { canonicalKey })
  await limits.admitKey(request, caller, change.canonicalKey, look)
  const closed = await limits.closed(request, caller, change, look)
  let kept = false
  const call: Call = {
    ...callOf(asked),
    ...(closed && { closed }),
    onKept: () => {
      kept = true
    },
  }
  const device = { canonicalKey, hostId, ...(clientModel && { deviceTag: clientModel }) }
  try {
    const standing = await loginDevice(context, call, found.product, device)
    return { ...toAnswer(standing, { context }), status: 1, message: 'Login successful' }
  } catch (error) {
    if (isLicenseError(error, 'LICENSE_NOT_FOUND')) await limits.countWrongKey(request, caller)
    throw error
  } finally {
    if (kept) await limits.countChange(request, caller, change)
  }
}

function callOf({ request, found: { product } }: AppRequest): Call {
  const actor = { id: 'authtool-client', address: request.address }
  return { accountId: product.accountId, actor, proof: {}, products: [product.id] }
}

function toAnswer({ active, expiresAt, key }: DeviceStanding, serves: Pick<Serves, 'context'>) {
  return { status: active ? 1 : 0, expiredAt: toExpiry(expiresAt), key, requestTime: requestTime(serves) } as const
}

function requestTime({ context }: Pick<Serves, 'context'>): number {
  return Math.floor(context.now().getTime() / 1000)
}

/** Names the package token as AuthTool does. */
function tokenParser<Input>(parse: ParseInput<Input>): ParseInput<Input> {
  return (input) => {
    try {
      return parse(input)
    } catch (error) {
      throw isLicenseError(error) && error.detail.field === 'token' ? invalidToken() : error
    }
  }
}

function invalidToken(): LicenseError {
  return new LicenseError('INVALID_REQUEST', 'Package token invalid', { detail: { field: 'token' } })
}

const SAID = { uid: 'UID', key: 'Key' } as const

/** Tells what is missing as AuthTool does; its apps send empty texts too. */
function requireFields(fields: Fields, names: readonly (keyof typeof SAID)[]): void {
  const missing = names.find((name) => (fields[name] ?? '') === '')
  if (missing === undefined) return
  throw new LicenseError('MISSING_PARAMS', `${SAID[missing]} is required`, { detail: { field: missing } })
}
