import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { CommandFailure } from '../failure'

/** A source of lines: a file, a pipe or standard input. */
export interface Input {
  /** For messages. */
  readonly name: string
  /** Undefined for standard input, which cannot be read from the middle. */
  readonly file: string | undefined
  /** In bytes; undefined where the size is not known. */
  readonly size: number | undefined
  /** The bytes from an offset on. */
  read(start: number): AsyncIterable<Buffer>
}

const STDIN = '-'
const CHUNK_BYTES = 262_144

/** @throws {CommandFailure} when there is no such file */
export async function openInput(named: string): Promise<Input> {
  if (named === STDIN) {
    return { name: 'standard input', file: undefined, size: undefined, read: () => buffers(process.stdin) }
  }
  const found = await stat(named).catch((error: NodeJS.ErrnoException) => {
    throw new CommandFailure(`${named} cannot be read (${error.code})`)
  })
  if (found.isDirectory()) throw new CommandFailure(`${named} is a folder`)
  // A pipe has no size, and reading cannot begin at an offset, not even at 0.
  const file = found.isFile() ? named : undefined
  return {
    name: named,
    file,
    size: file === undefined ? undefined : found.size,
    read: (start) => buffers(createReadStream(named, { ...(start > 0 && { start }), highWaterMark: CHUNK_BYTES })),
  }
}

async function* buffers(stream: AsyncIterable<Buffer | string>): AsyncGenerator<Buffer> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}
