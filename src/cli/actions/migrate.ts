import { realpathSync } from 'node:fs'
import { RECORD_KINDS } from '../../storage/records'
import { CommandFailure, UsageError } from '../failure'
import { paint, print, printJson } from '../output'
import { parseStorage, type StorageLocation, usualKeyringFile } from '../storage-location'
import { formatTable } from '../table'
import { type Copied, copyStore } from '../transfer/copy-store'
import { createProgress, NO_PROGRESS, type Progress } from '../transfer/progress'
import { type TransferStore, withTransferStore } from '../transfer/transfer-store'

export interface MigrateOptions {
  readonly from: string
  readonly to: string
  readonly merge?: true
  readonly json?: true
}

/** Copies a store into another and counts both; running it again changes nothing. */
export function migrate(options: MigrateOptions): Promise<void> {
  return withTransferStore(options.from, { create: false }, (from) =>
    withTransferStore(options.to, { create: true }, async (to) => {
      requireTwo(from.location, to.location)
      if (!options.merge) await requireSameKeys(from, to)
      remind(options)
      const copied = await copy(from, to, options.json ? NO_PROGRESS : await progressOver(from))
      report(copied, to, options)
    }),
  )
}

function requireTwo(from: StorageLocation, to: StorageLocation): void {
  if (identity(from) === identity(to)) throw new UsageError('--from and --to are the same store')
}

function identity(location: StorageLocation): string {
  return location.kind === 'sqlite' ? realpathSync(location.file) : JSON.stringify(location)
}

/** Fails where the target has signed with keys of its own: its apps would not trust the keys of the source. */
async function requireSameKeys(from: TransferStore, to: TransferStore): Promise<void> {
  const own = new Set(await from.store.listSigningKeyIds())
  const foreign = (await to.store.listSigningKeyIds()).filter((kid) => !own.has(kid))
  if (foreign.length === 0) return
  throw new CommandFailure(
    `${to.name} has been used with signing keys the source has not. Give an empty store, or add --merge to put both into one`,
  )
}

function remind({ from, to }: MigrateOptions): void {
  const [source, target] = [from, to].map((named) => usualKeyringFile(parseStorage(named)))
  process.stderr.write('keyslot: stop the servers on both stores first: what they write meanwhile may be missing\n')
  const copying = source === target ? `${source} serves both` : `copy ${source} to ${target}, or name it by --keys`
  process.stderr.write(`keyslot: the signing keys are not in a store and go along by hand: ${copying}\n`)
}

async function progressOver({ store }: TransferStore): Promise<Progress> {
  const counts = await store.countRecords()
  return createProgress(RECORD_KINDS.reduce((total, kind) => total + counts[kind], 0))
}

async function copy(from: TransferStore, to: TransferStore, progress: Progress): Promise<Copied> {
  try {
    return await copyStore(from.store, to.store, (kind, { stored, existing, conflict, orphan }) => {
      const done = stored + existing + conflict + orphan
      progress.update(done, `${done} records, at ${kind}`)
    })
  } finally {
    progress.end()
  }
}

/** @throws {CommandFailure} when the target has fewer records than the source */
function report({ tally, source, target, shortfalls }: Copied, to: TransferStore, { json }: MigrateOptions): void {
  const { stored, existing, conflict, orphan } = tally
  const complete = shortfalls.length === 0 && conflict === 0 && orphan === 0
  if (json) {
    printJson({ complete, stored, existing, conflict, orphan, source, target })
  } else {
    const kinds = RECORD_KINDS.filter((kind) => source[kind] > 0 || target[kind] > 0)
    const rows = kinds.map((kind) => [
      kind,
      String(source[kind]),
      String(target[kind]),
      verdict(source[kind], target[kind]),
    ])
    print(formatTable(['RECORDS', 'SOURCE', 'TARGET', ''], rows))
    print(
      `\n${stored} stored, ${existing} there already, ${conflict} in conflict, ${orphan} without what they belong to.`,
    )
    if (complete) print(paint('green', 'The target has all of the source.'))
  }
  if (complete) return
  const fewer = shortfalls.map((short) => `${short.kind} (${short.target} of ${short.source})`).join(', ')
  throw new CommandFailure(
    fewer === ''
      ? `${conflict + orphan} records were not taken: ${to.name} has others in their place`
      : `${to.name} has fewer than the source: ${fewer}`,
  )
}

function verdict(source: number, target: number): string {
  if (target < source) return paint('red', 'fewer')
  return target === source ? paint('green', 'same') : 'more: the target had some of its own'
}
