import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'

export interface Post {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Resolves the host, and decides where the connection may lead. Not asked when the host is an address. */
  readonly lookup: LookupFunction
  /** For everything, from resolving the name to the answer's status. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Thrown when there was no answer in time. */
export class TimedOutError extends Error {}

/**
 * Sends a body and resolves with the answer's status, as soon as that is there. Follows no redirect, uses no proxy, no agent of
 * the host app's and no connection twice: a kept one that the receiver closes meanwhile would cost an attempt. Nobody waits for
 * the answer's body: of what has not come together with the status nothing is read.
 */
export function post(url: URL, { headers, body, lookup, timeoutMs, signal }: Post): Promise<number> {
  return new Promise((resolve, reject) => {
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
    const end = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    }

    request.on('response', (response) => {
      end()
      response.on('error', () => undefined).resume()
      // A short body came with the status, and its connection ends in good order.
      setImmediate(() => request.destroy())
      resolve(response.statusCode ?? 0)
    })
    request.on('error', (error) => {
      failure = error
    })
    request.on('close', () => {
      end()
      reject(failure ?? new Error('closed without an answer'))
    })

    if (signal?.aborted) giveUp()
    else request.end(body)
  })
}
