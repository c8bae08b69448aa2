import type { PublicJwk } from '../../protocol'
import { isRecord, parseJson } from '../../protocol/json'
import { withTimeout } from '../../waiting/with-timeout'
import { errorFor } from '../wire/answer-error'
import type { Fetch } from '../wire/fetch'
import { findRoute, type Route } from '../wire/proxy/route'
import { readText } from '../wire/read-text'
import { systemCodeOf } from '../wire/system-code'
import { unanswered } from '../wire/unanswered'
import { isConfidential } from '../words/server-url'
import type { RouteFinding, ServerFinding } from './diagnosis'

/** What the server is asked with. */
export interface Asking {
  readonly serverUrl: string
  readonly namedBy: ServerFinding['namedBy']
  readonly fetch: Fetch
  /** True when `fetch` is the app's own. Whether it uses a proxy is not known then. */
  readonly ownFetch: boolean
  readonly proxy: string | false | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
  readonly now: () => Date
}

/** What was found, and the keys that the server publishes. Nothing has verified these keys. */
export interface ServerAnswer {
  readonly finding: ServerFinding
  readonly keys: readonly PublicJwk[]
}

const MAX_ANSWER_BYTES = 1_048_576

/** Asks the server whether it is well, and for its public keys. Neither needs an access token, and none is sent. */
export async function examineServer(asking: Asking): Promise<ServerAnswer> {
  const { serverUrl, namedBy } = asking
  const startedAt = performance.now()
  const health = await get(asking, '/healthz')
  const milliseconds = Math.round(performance.now() - startedAt)
  const jwks = health.systemCode === null ? keysIn(await get(asking, '/.well-known/jwks.json')) : undefined
  const verdict = judge(health, jwks !== undefined)
  const finding: ServerFinding = {
    url: serverUrl,
    namedBy,
    health: verdict,
    message: messageFor(verdict, health),
    httpStatus: health.status,
    systemCode: health.systemCode,
    milliseconds,
    clockAheadSeconds: isConfidential(serverUrl) && verdict !== 'not-ours' ? health.clockAheadSeconds : null,
    publishedKeys: jwks?.length ?? null,
    route: describeRoute(asking),
  }
  return { finding, keys: jwks ?? [] }
}

interface Got {
  readonly status: number | null
  readonly body: unknown
  readonly clockAheadSeconds: number | null
  readonly systemCode: string | null
  readonly issuer?: string
}

async function get({ fetch, serverUrl, timeoutMs, now }: Asking, path: string): Promise<Got> {
  const request = async (signal: AbortSignal): Promise<Got> => {
    const sentAt = now().getTime()
    const headers = { accept: 'application/json' }
    const answer = await fetch(`${serverUrl}${path}`, { method: 'GET', headers, redirect: 'manual', signal })
    const betweenTimes = (sentAt + now().getTime()) / 2
    const text = await readText(answer, MAX_ANSWER_BYTES)
    const clockAheadSeconds = secondsAhead(answer.headers.get('date'), betweenTimes)
    return { status: answer.status, body: parseJson(text ?? ''), clockAheadSeconds, systemCode: null }
  }
  try {
    return await withTimeout(request, timeoutMs)
  } catch (error) {
    const { systemCode = 'UNKNOWN', ...more } = systemCodeOf(error)
    return { status: null, body: undefined, clockAheadSeconds: null, systemCode, ...more }
  }
}

/** How far the server's clock is ahead. The header has whole seconds, rounded down, so this clock is rounded down, too. */
function secondsAhead(date: string | null, hereMs: number): number | null {
  const there = Date.parse(date ?? '') / 1000
  return Number.isNaN(there) ? null : there - Math.floor(hereMs / 1000)
}

function keysIn({ status, body }: Got): readonly PublicJwk[] | undefined {
  if (status !== 200 || !isRecord(body) || !Array.isArray(body.keys)) return undefined
  return body.keys.filter(isPublicJwk)
}

function isPublicJwk(value: unknown): value is PublicJwk {
  return isRecord(value) && value.kty === 'OKP' && value.crv === 'Ed25519' && typeof value.x === 'string'
}

function judge({ status, body, systemCode }: Got, hasKeys: boolean): ServerFinding['health'] {
  if (systemCode !== null) return 'unreachable'
  if (isRecord(body) && status === 200 && body.status === 'ok') return 'ok'
  return hasKeys ? 'unhealthy' : 'not-ours'
}

function messageFor(health: ServerFinding['health'], { status, systemCode, issuer }: Got): string {
  switch (health) {
    case 'ok':
      return 'The license server answers.'
    case 'unhealthy':
      return 'The license server answers, but cannot reach its storage.'
    case 'not-ours':
      return `Something else than a license server answers (HTTP ${status}): a login page, or a wrong URL.`
    case 'unreachable':
      return errorFor(unanswered({ ...(systemCode && { systemCode }), ...(issuer && { issuer }) })).message
  }
}

/** Says which proxy the requests use, and why. Pure. */
export function describeRoute({
  serverUrl,
  proxy,
  ownFetch,
  env,
}: Pick<Asking, 'serverUrl' | 'proxy' | 'ownFetch' | 'env'>): RouteFinding {
  if (ownFetch) return { proxy: null, because: "the app's own fetch decides" }
  if (proxy === false) return { proxy: null, because: 'the app wants no proxy' }
  return routeFinding(findRoute(new URL(serverUrl), proxy, env))
}

function routeFinding(route: Route): RouteFinding {
  if (route.via === 'proxy') {
    return { proxy: `${route.proxy.protocol}//${route.proxy.host}`, because: route.variable ?? 'the app names it' }
  }
  switch (route.reason) {
    case 'not-set':
      return { proxy: null, because: 'the environment names no proxy' }
    case 'loopback':
      return { proxy: null, because: 'the server is on this computer' }
    case 'exempt':
      return { proxy: null, because: `${route.variable} exempts it` }
    case 'unsupported':
      return { proxy: null, because: `${route.variable} names no http: or https: proxy` }
  }
}
