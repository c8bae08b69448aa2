import { setTimeout as sleep } from 'node:timers/promises'
import type { ProofKey } from '../trust/proof-key'
import { type Endpoint, isConfidential } from '../words/server-url'
import { systemCodeOf } from '../words/system-code'
import { type Answer, classifyAnswer, type RawAnswer } from './answer'
import type { Fetch } from './fetch'
import { createProof } from './proof'
import { readText } from './read-text'

/** How requests are sent. */
export interface TransportConfig {
  readonly fetch: Fetch
  /** Only for reading a `Retry-After` date, and for what a proof says. Waits are measured by a monotonic clock. */
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
  /** The key this host proves to hold with each try; undefined: none is asked for, or there is none. */
  readonly proofKey?: ProofKey | undefined
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
const MAX_ANSWER_BYTES = 1_048_576

export function createTransport(config: TransportConfig): Post {
  /** What each server, by its URL, last wanted to see in a proof. */
  const nonces = new Map<string, string>()
  return async (request) => {
    const deadline = performance.now() + request.totalTimeoutMs
    const maxTries = request.maxTries ?? config.maxTries
    for (let attempt = 1; ; attempt++) {
      const answer = await tryProven(config, nonces, request, deadline)
      if (answer.kind !== 'inconclusive' || !answer.transient || attempt >= maxTries) return answer
      const pauseMs = pauseAfter(answer.retryAfterSeconds, attempt, config.random)
      if (pauseMs === undefined || performance.now() + pauseMs >= deadline) return answer
      await sleep(pauseMs)
    }
  }
}

/** Full jitter, or what the server asks for; undefined when it asks for more patience than we have. */
export function pauseAfter(
  retryAfterSeconds: number | undefined,
  attempt: number,
  random: () => number,
): number | undefined {
  const jitterMs = random() * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1))
  if (retryAfterSeconds === undefined) return jitterMs
  return retryAfterSeconds > LONGEST_RETRY_AFTER_SECONDS ? undefined : retryAfterSeconds * 1000 + jitterMs
}

/**
 * One try; a server that does not take its proof and names a nonce gets one with that, at once. So a clock that is wrong
 * is in nobody's way.
 * @see RFC 9449 §8
 */
async function tryProven(
  config: TransportConfig,
  nonces: Map<string, string>,
  request: PostRequest,
  deadline: number,
): Promise<Answer> {
  const { serverUrl } = request.endpoint
  const shown = nonces.get(serverUrl)
  const answer = await tryOnce(config, request, deadline, shown)
  const nonce = answer.kind === 'refused' ? answer.nonce : undefined
  if (request.proofKey === undefined || nonce === undefined || nonce === shown) return answer
  nonces.set(serverUrl, nonce)
  return await tryOnce(config, request, deadline, nonce)
}

async function tryOnce(
  config: TransportConfig,
  request: PostRequest,
  deadline: number,
  nonce: string | undefined,
): Promise<Answer> {
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
    const raw = await Promise.race([exchange(config, request, nonce, aborter.signal), timeout])
    if (raw === undefined) return { kind: 'inconclusive', code: 'SERVER_UNREACHABLE', transient: false }
    const confidential = isConfidential(request.endpoint.serverUrl)
    return classifyAnswer(confidential ? raw : { ...raw, date: null }, config.now())
  } catch (error) {
    return { kind: 'inconclusive', code: 'SERVER_UNREACHABLE', transient: true, ...systemCodeOf(error) }
  } finally {
    clearTimeout(timer)
  }
}

/** Undefined when the answer is larger than any of ours. */
async function exchange(
  { fetch, now }: TransportConfig,
  request: PostRequest,
  nonce: string | undefined,
  signal: AbortSignal,
): Promise<RawAnswer | undefined> {
  const { endpoint, path, body, idempotencyKey, proofKey } = request
  const { accessToken } = endpoint
  const url = `${endpoint.serverUrl}${path}`
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...(proofKey === undefined ? {} : { dpop: createProof(proofKey, { url, accessToken, now: now(), nonce }) }),
    },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal,
  })
  const { headers, status } = response
  const text = await readText(response, MAX_ANSWER_BYTES)
  if (text === undefined) return undefined
  const [date, retryAfter] = [headers.get('date'), headers.get('retry-after')]
  return { status, text, date, retryAfter, nonce: headers.get('dpop-nonce') }
}
