import type { Dice } from '../storage/verbs/differential/dice'
import type { DrawnRequest } from './draw-request'

/** What is written to one connection. */
export interface Case {
  readonly kind: string
  readonly bytes: Buffer
  /** The requests in it, where they are whole and nothing else is. */
  readonly requests?: readonly DrawnRequest[]
  /** True where the connection is given up as soon as all is written. */
  readonly hangsUp?: true
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'get', 'CONNECT', '']
const SEGMENTS = [
  ...[
    'key',
    'public',
    'v1',
    'activate',
    'reset',
    'detail',
    'create-key',
    'healthz',
    '.well-known',
    'docs',
    'openapi.json',
  ],
  ...[
    '%',
    '%ff',
    '%00',
    '..',
    '',
    ':key',
    '{key}',
    '*',
    '(',
    '[',
    '%2e%2e',
    ';a=b',
    'constructor',
    '__proto__',
    '\u00ff',
  ],
]
const LENGTHS = ['0', '1', '5', '99999', '-1', '1e2', '0x5', '5, 5', '18446744073709551616', '']
const SECOND_FRAMES = [
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: x',
  'Content-Length: 3',
  'Transfer-Encoding : chunked',
]

const KINDS: readonly (readonly [
  percent: number,
  kind: string,
  make: (draw: () => DrawnRequest, dice: Dice) => Case,
])[] = [
  [70, 'whole', (draw) => whole([draw()])],
  [8, 'pipelined', (draw, dice) => whole(Array.from({ length: 2 + dice.upTo(4) }, draw))],
  [5, 'broken head', (draw, dice) => ({ kind: 'broken head', bytes: breakHead(draw().bytes, dice) })],
  [4, 'wrong length', (draw, dice) => ({ kind: 'wrong length', bytes: relabel(draw().bytes, dice) })],
  [3, 'half', (draw, dice) => ({ kind: 'half', bytes: half(draw().bytes, dice), ...(dice.chance(50) && HANGS_UP) })],
  [2, 'hung up', (draw) => ({ ...whole([draw()]), kind: 'hung up', ...HANGS_UP })],
  [3, 'any bytes', (_, dice) => ({ kind: 'any bytes', bytes: anyBytes(dice) })],
  [5, 'any path', (_, dice) => ({ kind: 'any path', bytes: anyPath(dice) })],
]
const HANGS_UP = { hangsUp: true } as const

/** Draws what goes over one connection. */
export function drawCase(draw: () => DrawnRequest, dice: Dice): Case {
  let below = dice.upTo(100)
  for (const [percent, , make] of KINDS) {
    below -= percent
    if (below < 0) return make(draw, dice)
  }
  return whole([draw()])
}

function whole(requests: readonly DrawnRequest[]): Case {
  const kind = requests.length === 1 ? 'whole' : 'pipelined'
  return { kind, bytes: Buffer.concat(requests.map(({ bytes }) => bytes)), requests }
}

/** Some bytes of the head others than they were. */
function breakHead(bytes: Buffer, dice: Dice): Buffer {
  const broken = Buffer.from(bytes)
  const end = Math.max(1, bytes.indexOf('\r\n\r\n'))
  for (let rounds = 1 + dice.upTo(4); rounds > 0; rounds--) broken[dice.upTo(end)] = dice.upTo(256)
  return broken
}

/** Another length than the body has, or a second word on where it ends. */
function relabel(bytes: Buffer, dice: Dice): Buffer {
  const text = bytes.toString('latin1')
  const length = `Content-Length: ${dice.one(LENGTHS)}`
  const labelled = dice.chance(50)
    ? text.replace(/Content-Length: \d+|Transfer-Encoding: chunked|Host: .*/, (line) =>
        line.startsWith('Host') ? `${line}\r\n${length}` : length,
      )
    : text.replace(/\r\n\r\n/, `\r\n${dice.one(SECOND_FRAMES)}\r\n\r\n`)
  return Buffer.from(labelled, 'latin1')
}

function half(bytes: Buffer, dice: Dice): Buffer {
  return bytes.subarray(0, 1 + dice.upTo(bytes.length - 1))
}

function anyBytes(dice: Dice): Buffer {
  return Buffer.from(Array.from({ length: 1 + dice.upTo(200) }, () => dice.upTo(256)))
}

function anyPath(dice: Dice): Buffer {
  const segments = Array.from({ length: dice.upTo(7) }, () => dice.one(SEGMENTS))
  const query = dice.chance(30) ? `?${dice.one(SEGMENTS)}=${dice.one(SEGMENTS)}` : ''
  const head = `${dice.one(METHODS)} /${segments.join('/')}${query} HTTP/1.${dice.chance(95) ? 1 : dice.upTo(10)}`
  return Buffer.from(`${head}\r\nHost: x\r\nX-API-Key: at_x\r\nContent-Length: 2\r\n\r\n{}`, 'latin1')
}
