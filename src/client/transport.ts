import { setTimeout as sleep } from 'node:timers/promises'
import { type Answer, classifyAnswer, type RawAnswer } from './answer'
import type { Fetch } from './fetch'
import { type Endpoint, isConfidential } from './server-url'

/** How requests are sent. */
export interface TransportConfig {
  readonly fetch: Fetch
  /** Only for reading a `Retry-After` date. Waits are measured by a monotonic clock. */
  readonly now: () => Date
  /** From 0 up to 1: spreads retries, so that many clients do not come back together. */
  readonly random: () => number
  readonly tryTimeoutMs: number
  readonly maxTries: number
}

export interface PostRequest {
  readonly endpoint: Endpoint
  /** Below the endpoint's URL. */
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  /** The same on every try, so that a repeated request has one effect. */
  readonly idempotencyKey?: string
  /** For tries and pauses together. */
  readonly totalTimeoutMs: number
  /** Instead of the configured number, where the caller has a timetable of its own. */
  readonly maxTries?: number
}

/** Posts and waits for what the answer means. Never throws: no answer is an `inconclusive` one. */
export type Post = (request: PostRequest) => Promise<Answer>

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 2_000
const LONGEST_RETRY_AFTER_SECONDS = 60
const MAX_ANSWER_LENGTH = 1_048_576

export function createTransport(config: TransportConfig): Post {
  return async (request) => {
    const deadline = performance.now() + request.totalTimeoutMs
    const maxTries = request.maxTries ?? config.maxTries
    for (let attempt = 1; ; attempt++) {
      const answer = await tryOnce(config, request, deadline)
      if (answer.kind !== 'inconclusive' || !answer.transient || attempt >= maxTries) return answer
      const pauseMs = pauseAfter(answer.retryAfterSeconds, attempt, config.random)
      if (pauseMs === undefined || performance.now() + pauseMs >= deadline) return answer
      await sleep(pauseMs)
    }
  }
}

/** Full jitter, or what the server asks for; undefined when it asks for more patience than we have. */
function pauseAfter(retryAfterSeconds: number | undefined, attempt: number, random: () => number): number | undefined {
  const jitterMs = random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
  if (retryAfterSeconds === undefined) return jitterMs
  return retryAfterSeconds > LONGEST_RETRY_AFTER_SECONDS ? undefined : retryAfterSeconds * 1000 + jitterMs
}

async function tryOnce(config: TransportConfig, request: PostRequest, deadline: number): Promise<Answer> {
  const timeoutMs = Math.max(1, Math.min(config.tryTimeoutMs, deadline - performance.now()))
  const aborter = new AbortController()
  let timer: NodeJS.Timeout | undefined
  // The race also ends a try whose `fetch` does not heed its signal.
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException('timed out', 'TimeoutError'))
      aborter.abort()
    }, timeoutMs)
  })
  try {
    const raw = await Promise.race([exchange(config.fetch, request, aborter.signal), timeout])
    if (raw.text.length > MAX_ANSWER_LENGTH)
      return { kind: 'inconclusive', code: 'SERVER_UNREACHABLE', transient: false }
    const confidential = isConfidential(request.endpoint.serverUrl)
    return classifyAnswer(confidential ? raw : { ...raw, date: null }, config.now())
  } catch (error) {
    return { kind: 'inconclusive', code: 'SERVER_UNREACHABLE', transient: true, ...systemCodeOf(error) }
  } finally {
    clearTimeout(timer)
  }
}

async function exchange(fetch: Fetch, request: PostRequest, signal: AbortSignal): Promise<RawAnswer> {
  const { endpoint, path, body, idempotencyKey } = request
  const response = await fetch(`${endpoint.serverUrl}${path}`, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${endpoint.accessToken}`,
      'content-type': 'application/json',
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
    },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal,
  })
  const { headers, status } = response
  return { status, text: await response.text(), date: headers.get('date'), retryAfter: headers.get('retry-after') }
}

/** Only the code: errors of a custom `fetch` may carry the request, and with it token and key. */
function systemCodeOf(error: unknown): { systemCode?: string } {
  const { cause, name } = error as { cause?: { code?: unknown }; name?: unknown }
  const code = cause?.code ?? (error as { code?: unknown }).code
  if (typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code)) return { systemCode: code }
  return name === 'TimeoutError' ? { systemCode: 'ETIMEDOUT' } : {}
}
