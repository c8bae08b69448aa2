import type { ServerResponse } from 'node:http'
import { type Answer, Bytes } from '../answer'

/**
 * Writes an answer, unless the host app has answered meanwhile, as one with a time limit may. `res.json` is passed by:
 * its ETag and settings look-ups cost more than our whole handler, and no answer of ours is cacheable by content.
 */
export function writeAnswer(res: ServerResponse, { status = 200, body, headers }: Answer): void {
  if (res.headersSent) return
  if (body === undefined) return void res.writeHead(status, headers).end()
  const parts = body instanceof Bytes ? body.parts : [typeof body === 'string' ? body : JSON.stringify(body)]
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0),
    // Answers hold license keys and tokens.
    'Cache-Control': 'no-store',
    ...headers,
  })
  for (const part of parts.slice(0, -1)) res.write(part)
  res.end(parts.at(-1))
}
