import { createHash } from 'node:crypto'
import { open, readFile, rm, stat } from 'node:fs/promises'
import * as z from 'zod'
import { parseJson } from '../../protocol/json'
import { CommandFailure } from '../failure'
import { writePrivateFile } from '../private-file'
import type { Input } from './input'
import type { Place } from './read-rows'
import type { Tally } from './tally'

/**
 * How far an import has come, beside its file, so that the same command goes on there. It is only ever a shortcut:
 * lost, wrong or outdated, it means beginning anew, and importing twice changes nothing.
 */
export interface Resume {
  /** Where the last batch began that was stored, and where it ended. */
  readonly batch: Place
  readonly place: Place
  readonly tally: Tally
}

export interface ResumeFile {
  /** Undefined where there is nothing to go on from: another file, another store, other options. */
  load(): Promise<Resume | undefined>
  /** Replaces it whole. A folder that cannot be written to is no reason to stop: it is told once. */
  save(resume: Resume): Promise<void>
  remove(): Promise<void>
}

const place = z.object({ offset: z.int().min(0), line: z.int().min(0) })
const count = z.int().min(0)
const outcomes = { stored: count, existing: count, conflict: count, orphan: count }
const tally = z.object({
  lines: count,
  refused: count,
  bad: count,
  ...outcomes,
  kinds: z.record(z.string(), z.object(outcomes).partial()),
})
const content = z.object({ version: z.literal(1), of: z.string(), batch: place, place, tally })

const HEAD_BYTES = 65_536

/** @param choices what else decides what the import does: the store, the mapping, the account */
export async function resumeFile(input: Input, choices: readonly unknown[]): Promise<ResumeFile | undefined> {
  const { file } = input
  if (file === undefined) return undefined
  const path = `${file}.keyslot-import.json`
  const of = await fingerprint(file, choices)
  let writable = true
  return {
    async load() {
      const found = content.safeParse(parseJson(await readFile(path, 'utf8').catch(() => '')))
      return found.success && found.data.of === of ? found.data : undefined
    },
    async save(resume) {
      if (!writable) return
      try {
        await writePrivateFile(path, `${JSON.stringify({ version: 1, of, ...resume })}\n`)
      } catch (error) {
        if (!(error instanceof CommandFailure)) throw error
        writable = false
        process.stderr.write(`keyslot: ${error.message}: interrupted, this import would begin anew\n`)
      }
    },
    async remove() {
      if (writable) await rm(path, { force: true })
    },
  }
}

/** Tells a file from what it was when it has changed: its size, when it was written, and how it begins. */
async function fingerprint(file: string, choices: readonly unknown[]): Promise<string> {
  const { size, mtimeMs } = await stat(file)
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
    return createHash('sha256')
      .update(JSON.stringify([size, mtimeMs, choices]))
      .update(buffer.subarray(0, bytesRead))
      .digest('base64url')
  } finally {
    await handle.close()
  }
}
