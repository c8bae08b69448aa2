import type { ServerResponse } from 'node:http'

/** What an endpoint answers: JSON, or a text or bytes whose type its headers tell. */
export interface Answer {
  /** Default 200. */
  readonly status?: number
  readonly body: object | string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export interface JsonAnswer extends Answer {
  readonly body: object
}

/**
 * Writes an answer, unless the host app has answered meanwhile, as one with a time limit may. `res.json` is passed by:
 * its ETag and settings look-ups cost more than our whole handler, and no answer of ours is cacheable by content.
 */
export function sendAnswer(res: ServerResponse, answer: Answer): void {
  if (res.headersSent) return
  const { body } = answer
  const content = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  res.writeHead(answer.status ?? 200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(content),
    // Answers hold license keys and tokens.
    'Cache-Control': 'no-store',
    ...answer.headers,
  })
  res.end(content)
}
