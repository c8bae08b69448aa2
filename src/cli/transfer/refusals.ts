import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { redactKey } from '../../domain/license-key'
import { CommandFailure } from '../failure'
import { cell } from '../table'

/** A line that was not taken: never with a value of it, but for the last characters of a license key. */
export interface Refusal {
  readonly line: number
  readonly outcome: 'bad' | 'orphan' | 'conflict'
  readonly field: string
  readonly why: string
  /** The license key it names, if it does. */
  readonly key: string | undefined
}

/** Where refusals go. */
export interface RefusalSink {
  add(refusal: Refusal, raw: () => string): Promise<void>
  close(): Promise<void>
}

/** More than a person reads; the rest is counted, and kept by `--rejects`. */
const SHOWN = 100

/** Of a key no longer than this, the last characters would be half of it. */
const TOLD_FROM = 8

/**
 * Tells of refusals on stderr, and keeps the lines themselves.
 * @param rejects the file that keeps them, mode 0600; continued where the import is
 * @param header what the file begins with
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
