/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  /** By lower-case name; of several of one name the last. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** What came over one connection. `fault`: what is no HTTP (RFC 9112) about it. */
export interface RawAnswers {
  readonly answers: readonly RawAnswer[]
  readonly fault?: string
}

const HEAD_END = '\r\n\r\n'
const STATUS_LINE = /^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/
const FIELD_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): *([\x20-\x7e]*)$/

/**
 * Reads the answers that came on a connection which has ended, or is to carry no more.
 * @param methods those of the requests, in turn: an answer to `HEAD` has no body, whatever its head says
 */
export function readAnswers(bytes: Buffer, methods: readonly string[], isClosed: boolean): RawAnswers {
  const answers: RawAnswer[] = []
  let rest = bytes
  while (rest.length > 0) {
    const end = rest.indexOf(HEAD_END)
    if (end < 0) return { answers, fault: 'a head breaks off' }
    const head = readHead(rest.subarray(0, end).toString('latin1'))
    if (head === undefined) return { answers, fault: `no head: ${rest.subarray(0, 200).toString('latin1')}` }
    rest = rest.subarray(end + HEAD_END.length)
    if (head.status < 200) continue
    const isBare = methods[answers.length] === 'HEAD' || head.status === 204 || head.status === 304
    const body = isBare ? { bytes: Buffer.alloc(0), length: 0 } : readBody(rest, head.headers, isClosed)
    if (typeof body === 'string') return { answers, fault: body }
    answers.push({ ...head, body: body.bytes })
    rest = rest.subarray(body.length)
  }
  return { answers }
}

function readHead(text: string): Pick<RawAnswer, 'status' | 'headers'> | undefined {
  const [line = '', ...fields] = text.split('\r\n')
  const status = Number(STATUS_LINE.exec(line)?.[1])
  const headers = fields.map((field) => FIELD_LINE.exec(field))
  if (Number.isNaN(status) || headers.includes(null)) return undefined
  return { status, headers: Object.fromEntries(headers.map((field) => [field?.[1]?.toLowerCase(), field?.[2]])) }
}

/** The body that follows a head, and how many bytes it takes; or what is wrong with it. */
function readBody(rest: Buffer, headers: RawAnswer['headers'], isClosed: boolean) {
  const length = headers['content-length']
  if (headers['transfer-encoding'] !== undefined) return readChunks(rest)
  if (length === undefined) {
    if (isClosed || rest.length === 0) return { bytes: rest, length: rest.length }
    return 'a body has no end'
  }
  if (!/^\d+$/.test(length)) return 'a length is no number'
  if (rest.length < Number(length)) return 'a body breaks off'
  return { bytes: rest.subarray(0, Number(length)), length: Number(length) }
}

function readChunks(rest: Buffer) {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const end = rest.indexOf('\r\n', at)
    const size = Number.parseInt(rest.subarray(at, Math.max(at, end)).toString('latin1'), 16)
    if (end < 0 || Number.isNaN(size)) return 'chunks break off'
    const start = end + 2
    if (size === 0) return { bytes: Buffer.concat(chunks), length: start + 2 }
    chunks.push(rest.subarray(start, start + size))
    at = start + size + 2
  }
}
