/** A line of a file, without its end. */
export interface TextLine {
  readonly text: string
  /** The offset of the next line in the file, in bytes. */
  readonly end: number
  /** True when the line was too long to be kept; `text` is empty then. */
  readonly tooLong: boolean
}

/** The longest line that is kept: a license with 100,000 activations in its line fits. */
const MAX_LINE_BYTES = 33_554_432

const NEWLINE = 10

/**
 * The lines of a file, as they come. `\n`, `\r\n` and the end of the file end a line.
 * @param start the offset of the first byte of `chunks` in the file
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, start: number): AsyncGenerator<TextLine> {
  let parts: Buffer[] = []
  let size = 0
  let offset = start
  const take = (piece: Buffer) => {
    size += piece.length
    if (size > MAX_LINE_BYTES) parts = []
    else parts.push(piece)
  }
  const finish = (): TextLine => {
    const tooLong = size > MAX_LINE_BYTES
    const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
    parts = []
    size = 0
    return { text: tooLong ? '' : bytes.toString('utf8').replace(/\r$/, ''), end: offset, tooLong }
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, at))
      offset += at + 1 - from
      from = at + 1
      yield finish()
    }
    if (from < chunk.length) take(chunk.subarray(from))
    offset += chunk.length - from
  }
  if (size > 0) yield finish()
}
