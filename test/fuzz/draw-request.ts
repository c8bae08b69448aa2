import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { exampleBodies, type OpenApi, operationsOf, type Placed } from '../server/http/documented'
import type { Dice } from '../storage/verbs/differential/dice'
import { mutateJson, mutateText } from './mutate'

/** What the examples of the document stand for in the service that is asked. */
export interface Surroundings {
  /** Below which the router is mounted. */
  readonly path: string
  readonly tokens: readonly string[]
  readonly fill: (example: unknown) => unknown
}

/** A request as bytes. */
export interface DrawnRequest {
  readonly bytes: Buffer
  readonly method: string
  /** The operation that it is certainly for; undefined where its head may say anything. */
  readonly placed?: Placed
}

const CODERS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync }
const EXTRA_HEADERS = [
  ...['Idempotency-Key: a', 'Idempotency-Key: "a"', 'Idempotency-Key: \u00ff', 'Expect: 100-continue', 'Expect: x'],
  ...['X-Forwarded-For: 1.2.3.4', 'X-Forwarded-For: ::1%x', 'If-None-Match: *', 'Accept-Encoding: gzip;q=0, br'],
  ...['DPoP: a.b.c', 'DPoP: e30.e30.AAAA', 'X-HTTP-Method-Override: DELETE', 'Upgrade: websocket', 'Range: bytes=0-1'],
  ...['Content-Type: application/json; charset=utf-16', 'Content-Type: text/plain', 'Content-Type: a/b;c="'],
  ...['Content-Encoding: identity', 'Content-Encoding: x', 'Origin: null', 'Cookie: a=b', 'X-Long: '.padEnd(3000, 'x')],
]

/** Draws requests for the routes that a document names. */
export function requestDrawer(document: OpenApi, surroundings: () => Surroundings) {
  // What is long and the same each time teaches nothing.
  const placed = operationsOf(document).filter(({ path }) => !path.startsWith('/docs') && path !== '/openapi.json')
  return (dice: Dice): DrawnRequest => {
    const one = dice.one(placed)
    const { path, tokens, fill } = surroundings()
    const body = drawBody(one, dice, fill)
    const method = one.method.toUpperCase()
    const target = `${path}${drawPath(one, dice, fill)}`
    const lines = [
      `${method} ${target} HTTP/1.1`,
      'Host: licenses.example',
      ...authorization(one, dice.chance(75) ? (tokens[0] ?? '') : dice.one(tokens)),
      ...(body === undefined || dice.chance(3) ? [] : ['Content-Type: application/json']),
      ...(dice.chance(20) ? [dice.one(EXTRA_HEADERS)] : []),
    ]
    const framed = frame(Buffer.from(body ?? (dice.chance(10) ? '{}' : '')), dice)
    const head = Buffer.from([...lines, ...framed.headers, '', ''].join('\r\n'), 'latin1')
    return { bytes: Buffer.concat([head, framed.bytes]), method, placed: one }
  }
}

function drawBody({ operation }: Placed, dice: Dice, fill: Surroundings['fill']): string | undefined {
  const [, example] = dice.one(exampleBodies(operation))
  if (example === undefined) return undefined
  const body = fill(example)
  const kind = dice.upTo(10)
  if (kind < 6) return mutateJson(body, dice)
  return kind < 9 ? mutateText(JSON.stringify(body), dice).toWellFormed() : JSON.stringify(body)
}

function drawPath({ path, operation: { parameters = [] } }: Placed, dice: Dice, fill: Surroundings['fill']): string {
  const drawn = (example: unknown) => {
    const text = String(fill(example))
    // Where a longer one is cut off, the path is that of nobody.
    return encodeURIComponent((dice.chance(30) ? mutateText(text, dice) : text).toWellFormed()).slice(0, 7000) || '%'
  }
  const filled = parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce((to, { name, example }) => to.replace(`{${name}}`, () => drawn(example)), path)
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && dice.chance(90))
    .map(({ name, example }) => `${name}${dice.chance(5) ? '[]' : ''}=${drawn(example ?? '1')}`)
  return `${filled}${query.length === 0 ? '' : `?${query.join('&')}`}`.slice(0, 8000)
}

function authorization({ operation: { security } }: Placed, token: string): readonly string[] {
  const [scheme] = Object.keys(security[0] ?? {})
  if (scheme === undefined || token === '') return []
  return [scheme === 'apiKey' ? `X-API-Key: ${token}` : `Authorization: Bearer ${token}`]
}

/** The body as it goes out: whole or in chunks, packed or not, and now and then not as its head says. */
function frame(body: Buffer, dice: Dice): { readonly headers: readonly string[]; readonly bytes: Buffer } {
  const coding = dice.chance(10) ? dice.one(['gzip', 'deflate', 'br'] as const) : undefined
  const packed = coding === undefined || dice.chance(20) ? body : CODERS[coding](body)
  const sent = coding !== undefined && dice.chance(20) ? packed.subarray(0, dice.upTo(packed.length)) : packed
  const headers = coding === undefined ? [] : [`Content-Encoding: ${coding}`]
  if (sent.length === 0) return { headers, bytes: sent }
  if (!dice.chance(20)) return { headers: [...headers, `Content-Length: ${sent.length}`], bytes: sent }
  const pieces: Buffer[] = []
  for (let at = 0; at < sent.length; ) {
    const piece = sent.subarray(at, at + 1 + dice.upTo(60))
    pieces.push(
      Buffer.from(`${piece.length.toString(16)}${dice.chance(10) ? ';a=b' : ''}\r\n`),
      piece,
      Buffer.from('\r\n'),
    )
    at += piece.length
  }
  return {
    headers: [...headers, 'Transfer-Encoding: chunked'],
    bytes: Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]),
  }
}
