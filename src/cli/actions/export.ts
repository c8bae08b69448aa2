import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { RECORD_KINDS, type RecordKind } from '../../storage/records'
import { CommandFailure } from '../failure'
import { printJson } from '../output'
import { type ExportCounts, exportLines } from '../transfer/export-records'
import { createProgress, NO_PROGRESS } from '../transfer/progress'
import { withTransferStore } from '../transfer/transfer-store'

export interface ExportOptions {
  readonly storage: string
  readonly kinds?: readonly RecordKind[]
  readonly account?: string
  readonly out?: string
  readonly json?: true
}

/** Writes a store as JSON Lines, to standard output or into a file. The file appears once it is complete. */
export function exportStore(options: ExportOptions): Promise<void> {
  const { kinds = RECORD_KINDS, account: accountId, out } = options
  return withTransferStore(options.storage, { create: false }, async ({ store }) => {
    if (accountId !== undefined && (await store.findAccount(accountId)) === null) {
      throw new CommandFailure(`there is no account ${accountId}`)
    }
    warnOfSecrets(out)
    const counts: ExportCounts = {}
    // Products and licenses come before their versions and activations: they tell which of these belong to an account.
    const lines = exportLines(store, { kinds: RECORD_KINDS.filter((kind) => kinds.includes(kind)), accountId }, counts)
    if (out === undefined) await writeToStdout(lines)
    else await writeToFile(out, withProgress(lines, await totalOf(store.countRecords(), kinds), counts, options))
    report(counts, options)
  })
}

function warnOfSecrets(out: string | undefined): void {
  const where = out === undefined ? 'What is printed' : out
  process.stderr.write(
    `keyslot: ${where} holds license keys, webhook secrets and hashes of access tokens: keep it as you keep the store\n`,
  )
}

async function totalOf(
  counting: Promise<Readonly<Record<RecordKind, number>>>,
  kinds: readonly RecordKind[],
): Promise<number> {
  const counts = await counting
  return kinds.reduce((total, kind) => total + counts[kind], 0)
}

async function* withProgress(
  lines: AsyncIterable<string>,
  total: number,
  counts: ExportCounts,
  { json }: ExportOptions,
): AsyncGenerator<string> {
  const progress = json ? NO_PROGRESS : createProgress(total)
  for await (const batch of lines) {
    yield batch
    const done = sum(counts)
    progress.update(done, `${done} records`)
  }
  progress.end()
}

async function writeToStdout(lines: AsyncIterable<string>): Promise<void> {
  try {
    await pipeline(Readable.from(lines), process.stdout, { end: false })
  } catch (error) {
    // The reader, such as `head`, may stop early.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error
  }
}

/** Writes beside the file and renames at the end, so that nobody takes a part for the whole. */
async function writeToFile(file: string, lines: AsyncIterable<string>): Promise<void> {
  const partial = `${file}.partial`
  try {
    await rm(partial, { force: true })
    await pipeline(Readable.from(lines), createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true }))
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    const { code, syscall } = error as NodeJS.ErrnoException
    throw syscall === undefined ? error : new CommandFailure(`${file} cannot be written (${code})`)
  }
}

function report(counts: ExportCounts, { out, json }: ExportOptions): void {
  const told = Object.entries(counts).filter(([, count]) => count > 0)
  if (json && out !== undefined) printJson({ file: out, records: counts })
  else if (json) process.stderr.write(`${JSON.stringify({ records: counts })}\n`)
  else process.stderr.write(`${sum(counts)} records: ${told.map(([kind, count]) => `${count} ${kind}`).join(', ')}\n`)
}

function sum(counts: ExportCounts): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
