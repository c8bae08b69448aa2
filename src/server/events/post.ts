import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'

/** How much of an answer is read, and thrown away, before the connection is cut. */
const MAX_ANSWER_BYTES = 65_536

export interface Post {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Resolves the host, and decides where the connection may lead. Not asked when the host is an address. */
  readonly lookup: LookupFunction
  /** For everything, from resolving the name to the end of the answer. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Thrown when there was no answer in time. */
export class TimedOutError extends Error {}

/**
 * Sends a body and resolves with the answer's status. Follows no redirect, uses no proxy, no agent of the host app's
 * and no connection twice: a kept one that the receiver closes meanwhile would cost an attempt. Of the answer's body
 * nothing is kept; what happens after its status came does not change that status.
 */
export function post(url: URL, { headers, body, lookup, timeoutMs, signal }: Post): Promise<number> {
  return new Promise((resolve, reject) => {
    let status: number | undefined
    let failure: Error | undefined
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
      method: 'POST',
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) },
      agent: false,
      lookup,
      // Whatever NODE_TLS_REJECT_UNAUTHORIZED says.
      rejectUnauthorized: true,
    })
    const giveUp = () => request.destroy(new Error('given up'))
    const timer = setTimeout(() => request.destroy(new TimedOutError(`no answer within ${timeoutMs} ms`)), timeoutMs)
    signal?.addEventListener('abort', giveUp)

    request.on('response', (response) => {
      status = response.statusCode
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) request.destroy()
      })
      response.on('error', () => undefined)
    })
    request.on('error', (error) => {
      failure = error
    })
    request.on('close', () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      if (status === undefined) reject(failure ?? new Error('closed without an answer'))
      else resolve(status)
    })

    if (signal?.aborted) giveUp()
    else request.end(body)
  })
}
