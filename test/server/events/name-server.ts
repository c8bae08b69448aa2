import { createSocket, type Socket } from 'node:dgram'
import { afterEach } from 'vitest'

/** Addresses of a name; null for a name that is not there, undefined for no answer at all. */
export type Zone = (name: string, family: 4 | 6) => readonly string[] | null | undefined

export interface NameServer {
  /** With its port, as resolvers take it. */
  readonly address: string
  /** What it was asked, such as `4 name.example`. */
  readonly asked: string[]
}

const QUERY_HEAD = 12
const NAME_POINTER = 0xc00c
const [A, AAAA] = [1, 28]

/** Starts name servers on loopback that are gone after the test. */
export function createNameServers(): (zone: Zone) => Promise<NameServer> {
  const sockets: Socket[] = []
  afterEach(async () => {
    for (const socket of sockets.splice(0)) await new Promise<void>((done) => socket.close(done))
  })
  return async (zone) => {
    const socket = createSocket('udp4')
    sockets.push(socket)
    const asked: string[] = []
    socket.on('message', (query, { port, address }) => {
      const { name, type, end } = readQuestion(query)
      const family = type === AAAA ? 6 : 4
      asked.push(`${family} ${name}`)
      const found = zone(name, family)
      if (found !== undefined) socket.send(answer(query.subarray(0, end), type, found), port, address)
    })
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    return { address: `127.0.0.1:${socket.address().port}`, asked }
  }
}

function readQuestion(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = QUERY_HEAD
  while (query[at] !== 0) {
    const length = query[at] ?? 0
    labels.push(query.toString('ascii', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function answer(question: Buffer, type: number, found: readonly string[] | null): Buffer {
  const head = Buffer.from(question)
  head.writeUInt16BE(found === null ? 0x8183 : 0x8180, 2)
  head.writeUInt16BE(found?.length ?? 0, 6)
  // No more than the question and the answers.
  head.writeUInt32BE(0, 8)
  return Buffer.concat([head, ...(found ?? []).map((address) => record(type === AAAA ? AAAA : A, address))])
}

function record(type: number, address: string): Buffer {
  const data = type === A ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address)
  const head = Buffer.alloc(12)
  head.writeUInt16BE(NAME_POINTER, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt32BE(1, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

/** Of an address with at most one `::`. */
function ipv6Bytes(address: string): Buffer {
  const [before = [], after = []] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  const bytes = Buffer.alloc(16)
  for (const [index, group] of [...before, ...zeros, ...after].entries()) {
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2)
  }
  return bytes
}
