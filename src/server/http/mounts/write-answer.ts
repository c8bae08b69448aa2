import type { ServerResponse } from 'node:http'
import { ERROR_HEADER } from '../../../protocol/error-codes'
import { ANSWER_HEADER } from '../../../protocol/signed-answer'
import { type Answer, Bytes } from '../answer'

/**
 * Writes an answer, unless the host app has answered meanwhile, as one with a time limit may. `res.json` is passed by:
 * its ETag and settings look-ups cost more than our whole handler, and no answer of ours is cacheable by content.
 */
export function writeAnswer(res: ServerResponse, { status = 200, body, headers }: Answer): void {
  if (res.headersSent) return
  exposeOurs(res, headers)
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

/** What a page of another origin may read of a no, beside what the host app exposes. */
function exposeOurs(res: ServerResponse, headers: Answer['headers'] = {}): void {
  if (headers[ERROR_HEADER] === undefined && headers[ANSWER_HEADER] === undefined) return
  const others = [res.getHeader(EXPOSE_HEADER) ?? []].flat().map(String)
  res.setHeader(EXPOSE_HEADER, [...others, ERROR_HEADER, ANSWER_HEADER].join(', '))
}

const EXPOSE_HEADER = 'Access-Control-Expose-Headers'
