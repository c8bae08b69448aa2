import type { ServerResponse } from 'node:http'

/** What an endpoint answers; always JSON. */
export interface Answer {
  /** Default 200. */
  readonly status?: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Writes an answer, unless the host app has answered meanwhile, as one with a time limit may. `res.json` is passed by:
 * its ETag and settings look-ups cost more than our whole handler, and no answer of ours is cacheable by content.
 */
export function sendAnswer(res: ServerResponse, answer: Answer): void {
  if (res.headersSent) return
  const text = JSON.stringify(answer.body)
  res.writeHead(answer.status ?? 200, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    // Answers hold license keys and tokens.
    'Cache-Control': 'no-store',
    ...answer.headers,
  })
  res.end(text)
}
