import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { redactKey } from '../../domain/license-key'
import { CommandFailure } from '../failure'
import { cell } from '../table'

/** A refused line. It holds no value of the line; a license key is shown only by its last characters. */
export interface Refusal {
  readonly line: number
  readonly outcome: 'bad' | 'orphan' | 'conflict'
  readonly field: string
  readonly why: string
  /** The license key in the line, if there is one. */
  readonly key: string | undefined
}

/** Takes the refused lines of an input. */
export interface RefusalSink {
  add(refusal: Refusal, raw: () => string): Promise<void>
  close(): Promise<void>
}

/** Nobody reads more refusals than this. Further ones are counted, and kept by `--rejects`. */
const SHOWN = 100

/** The last characters of a key this short, or shorter, would be half of the key. */
const TOLD_FROM = 8

/**
 * Tells refusals on stderr, and keeps the refused lines.
 * @param rejects the file that keeps the lines, mode 0600; `append` goes on in it
 */
export async function refusalSink(
  input: string,
  rejects: { readonly file: string; readonly header: string | undefined; readonly append: boolean } | undefined,
): Promise<RefusalSink> {
  const stream = rejects && (await openRejects(rejects))
  let told = 0
  return {
    async add(refusal, raw) {
      told++
      if (told <= SHOWN) process.stderr.write(`${input}:${sentence(refusal)}\n`)
      if (told === SHOWN + 1) process.stderr.write('… further lines are counted only; --rejects FILE keeps them\n')
      if (stream && !stream.write(`${raw()}\n`)) await once(stream, 'drain')
    },
    async close() {
      if (stream === undefined) return
      stream.end()
      await once(stream, 'close')
    },
  }
}

function sentence({ line, outcome, field, why, key }: Refusal): string {
  const whose = key === undefined ? '' : ` license ${cell(key.length > TOLD_FROM ? redactKey(key) : '…')}`
  return `${line}:${whose} ${outcome}: ${[field, why].filter((part) => part !== '').join(': ')}`
}

async function openRejects({
  file,
  header,
  append,
}: {
  readonly file: string
  readonly header: string | undefined
  readonly append: boolean
}): Promise<WriteStream> {
  const stream = createWriteStream(file, { flags: append ? 'a' : 'w', mode: 0o600 })
  try {
    await once(stream, 'open')
  } catch (error) {
    throw new CommandFailure(`${file} cannot be written (${(error as NodeJS.ErrnoException).code})`)
  }
  if (!append && header !== undefined) stream.write(`${header}\n`)
  return stream
}
