import { createHash } from 'node:crypto'
import type { AccessToken } from '../../domain/access-token'
import { isRecord } from '../../protocol/json'
import { LicenseError } from '../../protocol/license-error'
import { NONCE_FIELD } from '../../protocol/signed-answer'
import type { Idempotency } from '../../storage/verbs/store'
import type { HttpRequest } from './http-request'
import type { Body } from './read-body'

const KEPT_MS = 86_400_000

export const IDEMPOTENCY_HEADER = 'Idempotency-Key'

/** One request with an idempotency key, between its arrival and its answer. */
export interface IdempotentRequest {
  /**
   * Takes the key, once the body is there: a request whose body never comes holds up none that is whole.
   * @throws {LicenseError} IDEMPOTENCY_IN_FLIGHT where another request has taken it meanwhile
   */
  take(): void
  /**
   * What the storage step is given, once the body is known.
   * @param proofKey the key that was shown: nobody else is given the answer again
   */
  toStep(body: Body, proofKey: string | null | undefined, now: Date): Idempotency
  /** Lets the key be used again, where this request has taken it. */
  done(): void
}

/** Admits requests with an `Idempotency-Key`, of one key one at a time. */
export interface IdempotencyGate {
  /**
   * The request's key, which is not taken yet; undefined where it has none.
   *
   * @throws {LicenseError} INVALID_REQUEST when the header is malformed or there are several
   * @throws {LicenseError} IDEMPOTENCY_IN_FLIGHT while a request with this key is being answered in this process; one in
   *   another process is waited for by the storage step
   */
  enter(request: HttpRequest, token: AccessToken): IdempotentRequest | undefined
}

export function createIdempotencyGate(): IdempotencyGate {
  const inFlight = new Set<string>()
  return {
    enter(request, token) {
      const key = readIdempotencyKey(request)
      if (key === undefined) return undefined
      // A path's case and slashes are part of it: the router takes several spellings, but a retry repeats its own.
      const scope = `${token.id} ${request.method} ${request.path}`
      const name = JSON.stringify([token.accountId, scope, key])
      let isTaken = false
      const requireFree = () => {
        if (!inFlight.has(name)) return
        throw new LicenseError('IDEMPOTENCY_IN_FLIGHT', 'A request with this idempotency key is being answered')
      }
      requireFree()
      return {
        take() {
          requireFree()
          inFlight.add(name)
          isTaken = true
        },
        toStep: (body, proofKey, now) => ({
          scope,
          key,
          payloadHash: hashPayload(request.query, body, proofKey ?? ''),
          expiresAt: new Date(now.getTime() + KEPT_MS),
        }),
        done() {
          if (isTaken) inFlight.delete(name)
        },
      }
    },
  }
}

/** The key, bare as most clients send it or quoted as a structured-field string (RFC 8941 §3.3.3). */
function readIdempotencyKey({ headersDistinct }: HttpRequest): string | undefined {
  const values = headersDistinct['idempotency-key']
  if (values === undefined) return undefined
  const [value = ''] = values
  const key = /^"(?:[^"\\]|\\["\\])*"$/.test(value) ? value.slice(1, -1).replace(/\\(["\\])/g, '$1') : value
  if (values.length > 1 || !/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw new LicenseError(
      'INVALID_REQUEST',
      `${IDEMPOTENCY_HEADER}: must be one header of 1 to 255 printable characters`,
      {
        detail: { field: IDEMPOTENCY_HEADER },
      },
    )
  }
  return key
}

/** Query and body: the bytes where we read them, else what the host app's parser made of them. A nonce is another at each try. */
function hashPayload(query: string, { bytes, value }: Body, proofKey: string): string {
  const hasNonce = isRecord(value) && NONCE_FIELD in value
  const body = hasNonce ? serialize({ ...value, [NONCE_FIELD]: undefined }) : (bytes ?? serialize(value))
  return createHash('sha256').update(query).update('\0').update(body).update(proofKey).digest('hex')
}

/** A parsed body as text, in prefix notation. Not by recursion: 40,000 lists in each other would exhaust the stack. */
function serialize(body: unknown): string {
  const words: string[] = []
  const pending = [body]
  while (pending.length > 0) {
    const value = pending.pop()
    if (typeof value !== 'object' || value === null) {
      words.push(JSON.stringify(value) ?? 'undefined')
      continue
    }
    const entries = Object.entries(value)
    words.push(`${Array.isArray(value) ? 'list' : 'object'} ${entries.length}`)
    for (const [name, child] of entries) pending.push(child, name)
  }
  return words.join('\n')
}
