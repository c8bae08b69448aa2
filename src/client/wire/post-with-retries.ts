import { randomBytes } from 'node:crypto'
import { NONCE_FIELD } from '../../protocol'
import { growingPauseMs } from '../../waiting/growing-pause'
import { retry } from '../../waiting/retry'
import { withTimeout } from '../../waiting/with-timeout'
import type { Reading } from '../trust/known-time'
import { type ProofKey, thumbprintOf } from '../trust/proof-key'
import { type Endpoint, isConfidential } from '../words/server-url'
import { type Answer, classifyAnswer, parseDate, type RawAnswer } from './answer'
import { type Evidence, isStripped, type Judge, NOBODYS_ANSWER } from './evidence'
import type { Fetch } from './fetch'
import { createProof, type ProvenRequest } from './proof'
import { readText } from './read-text'
import { systemCodeOf } from './system-code'
import { unanswered } from './unanswered'

/** The parts and limits that requests are sent with. */
export interface TransportConfig {
  readonly fetch: Fetch
  /** Only for reading a `Retry-After` date, and for the time in a proof. Waits are measured with the monotonic clock. */
  readonly now: () => Date
  readonly readClocks: () => Reading
  /** From 0 up to 1. It spreads retries, so that many clients do not come back at once. */
  readonly random: () => number
  readonly tryTimeoutMs: number
  readonly maxTries: number
  /** Undefined: every answer counts that has our protocol's shape. */
  readonly judge?: Judge
  /** Told of the server's time by its `Date`, which nobody has signed. */
  readonly onDate?: (serverTime: Date) => void
}

export interface PostRequest {
  readonly endpoint: Endpoint
  /** Below the endpoint's URL. */
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
  /** The same on every try, so that a repeated request has one effect only. */
  readonly idempotencyKey?: string
  /** The key that each try proves this host to hold; undefined when the server asks for no proof, or there is no key. */
  readonly proofKey?: ProofKey | undefined
  /** The key that each try proves beside it, for when this host loses the other. */
  readonly recoveryKey?: ProofKey | undefined
  /** For tries and pauses together. */
  readonly totalTimeoutMs: number
  /** Replaces the configured number, for callers that have a timetable of their own. */
  readonly maxTries?: number
  /** Ends the request, and no further try follows. */
  readonly signal?: AbortSignal | undefined
}

/** Posts a request and says what the answer means. Never throws: a missing answer is `inconclusive`. */
export type Post = (request: PostRequest) => Promise<Answer>

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 2_000
const LONGEST_RETRY_AFTER_SECONDS = 60
const MAX_ANSWER_BYTES = 1_048_576
/** Some systems tell the uptime in whole seconds. */
const UPTIME_PRECISION_SECONDS = 1

export function createTransport(config: TransportConfig): Post {
  /** The nonce that each server, by its URL, asked for last. */
  const nonces = new Map<string, string>()
  return async (request) => {
    const deadline = performance.now() + request.totalTimeoutMs
    const maxTries = request.maxTries ?? config.maxTries
    return await retry(() => tryProven(config, nonces, request, deadline), {
      afterValue(answer, attempt) {
        if (answer.kind !== 'inconclusive' || !answer.transient || attempt >= maxTries) return undefined
        if (request.signal?.aborted) return undefined
        const pauseMs = pauseAfter(answer.retryAfterSeconds, attempt, config.random)
        return pauseMs === undefined || performance.now() + pauseMs >= deadline ? undefined : pauseMs
      },
    })
  }
}

/**
 * The pause before the next try: a random part of a growing pause (full jitter), added to the time that the server asks for.
 * @returns undefined when the server asks for more than a minute
 */
export function pauseAfter(
  retryAfterSeconds: number | undefined,
  attempt: number,
  random: () => number,
): number | undefined {
  const jitterMs = random() * growingPauseMs(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS)
  if (retryAfterSeconds === undefined) return jitterMs
  return retryAfterSeconds > LONGEST_RETRY_AFTER_SECONDS ? undefined : retryAfterSeconds * 1000 + jitterMs
}

/**
 * One try. When the server does not accept the proof and names a nonce, a proof with that nonce follows at once. So a wrong
 * clock on this computer does no harm.
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
  const answer = withoutSecrets(await tryOnce(config, request, deadline, shown), request)
  const nonce = answer.kind === 'refused' ? answer.nonce : undefined
  if (request.proofKey === undefined || nonce === undefined || nonce === shown) return answer
  nonces.set(serverUrl, nonce)
  return withoutSecrets(await tryOnce(config, request, deadline, nonce), request)
}

/** Adds what was asked, for developers; takes out a message that repeats what nobody may read in a log. */
function withoutSecrets(answer: Answer, { endpoint, path, body }: PostRequest): Answer {
  if (answer.kind === 'success') return answer
  const url = `${endpoint.serverUrl}${path}`
  if (answer.kind === 'inconclusive' || answer.message === undefined) return { ...answer, url }
  const { message, ...rest } = answer
  const texts = [endpoint.accessToken, ...Object.values(body).filter((value) => typeof value === 'string')]
  return texts.some((text) => message.includes(text)) ? { ...rest, url } : { ...answer, url }
}

async function tryOnce(
  config: TransportConfig,
  request: PostRequest,
  deadline: number,
  nonce: string | undefined,
): Promise<Answer> {
  const remainingMs = () => Math.max(1, deadline - performance.now())
  const timeoutMs = Math.min(config.tryTimeoutMs, remainingMs())
  const own = randomBytes(16).toString('base64url')
  try {
    const asked = config.readClocks().uptime
    const received = await withTimeout(
      (signal) => exchange(config, request, { own, asked: nonce }, either(signal, request.signal)),
      timeoutMs,
    )
    if (received === undefined) return { ...NOBODYS_ANSWER, code: 'SERVER_UNREACHABLE' }
    const { signed } = received
    const clocks = config.readClocks()
    const confidential = isConfidential(request.endpoint.serverUrl)
    const raw = confidential ? received.raw : { ...received.raw, date: null }
    const date = parseDate(raw.date)
    if (date !== undefined) config.onDate?.(date)
    const answer = classifyAnswer(raw, config.now())
    // The timers stand still while the computer sleeps; the uptime does not.
    const isInTime = clocks.uptime - asked <= timeoutMs / 1000 + UPTIME_PRECISION_SECONDS
    const told = isInTime && answer.kind === 'success' ? { ...answer, clocks } : answer
    return await judged(config, told, { request, nonce: own, signed, remainingMs: remainingMs() })
  } catch (error) {
    return unanswered(systemCodeOf(error))
  }
}

function either(timeout: AbortSignal, signal: AbortSignal | undefined): AbortSignal {
  return signal === undefined ? timeout : AbortSignal.any([timeout, signal])
}

async function judged({ judge }: TransportConfig, answer: Answer, evidence: Evidence): Promise<Answer> {
  if (isStripped(answer, evidence)) return NOBODYS_ANSWER
  const told = answer.kind === 'success' ? { ...answer, nonce: evidence.nonce } : answer
  return judge === undefined ? told : await judge(told, evidence)
}

/** The nonces of a try: its own, which the answer is to carry, and the one that the server asks a proof to carry. */
interface Nonces {
  readonly own: string
  readonly asked: string | undefined
}

interface Received {
  readonly raw: RawAnswer
  readonly signed: string | null
}

/** Sends the request and reads the answer. Undefined when the answer is larger than any of ours. */
async function exchange(
  { fetch, now }: TransportConfig,
  request: PostRequest,
  { own, asked }: Nonces,
  signal: AbortSignal,
): Promise<Received | undefined> {
  const { endpoint, path, body, idempotencyKey } = request
  const { accessToken } = endpoint
  const url = `${endpoint.serverUrl}${path}`
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      'keyslot-nonce': own,
      ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      ...proofHeaders(request, { url, accessToken, now: now(), nonce: asked }),
    },
    // A proxy may take out a header that it does not know.
    body: JSON.stringify({ ...body, [NONCE_FIELD]: own }),
    redirect: 'manual',
    signal,
  })
  const { headers, status } = response
  const text = await readText(response, MAX_ANSWER_BYTES)
  if (text === undefined) return undefined
  const [date, retryAfter] = [headers.get('date'), headers.get('retry-after')]
  const [nonce, error] = [headers.get('dpop-nonce'), headers.get('keyslot-error')]
  return { raw: { status, text, date, retryAfter, nonce, error }, signed: headers.get('keyslot-answer') }
}

function proofHeaders({ proofKey, recoveryKey }: PostRequest, proven: ProvenRequest): Record<string, string> {
  if (proofKey === undefined) return {}
  const dpop = createProof(proofKey, proven)
  if (recoveryKey === undefined) return { dpop }
  return { dpop, 'keyslot-recovery': createProof(recoveryKey, { ...proven, beside: thumbprintOf(proofKey) }) }
}
