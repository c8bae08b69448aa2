import { parseRecordLine } from '../../protocol/schemas/record-lines'
import type { StoreRecord } from '../../storage/records'
import type { Store } from '../../storage/verbs/store'
import { type ImportedLine, importBatch, type ReadyLine } from './import-batch'
import { LineRefused } from './line-refused'
import { type PlanContext, planLine } from './plan-line'
import type { Place, Row } from './read-rows'
import { BATCH_SIZE } from './record-batches'
import type { Refusal } from './refusals'
import type { Resume } from './resume-file'
import { countOutcome, type Tally } from './tally'

/** The parts and choices of an import of one file. */
export interface ImportWork {
  readonly store: Store
  readonly context: PlanContext
  /** Makes the account of the records; called before they are stored. */
  readonly requireAccount: (records: readonly StoreRecord[]) => Promise<void>
  readonly rows: AsyncIterable<Row>
  /** Makes the line of a row; undefined for a row that is passed over. */
  readonly toLine: (value: unknown) => unknown
  /** The counts so far, which the import adds to. */
  readonly tally: Tally
  /** The point where the last import of this file was interrupted; reading began with the last batch before it. */
  readonly resumed: Resume | undefined
  /** Where reading began. */
  readonly start: Place
  /** Check, and store nothing. */
  readonly dryRun: boolean
  /** Stop before the first line that is refused. */
  readonly strict: boolean
  /** True once the import is to stop. */
  readonly isStopping: () => boolean
  readonly onRefused: (refusal: Refusal, raw: () => string) => Promise<void>
  /** Called after each stored batch. */
  readonly onBatch: (resume: Resume) => Promise<void>
}

/**
 * How an import ended. `stopped`: a signal came, or a strict import refused a line. `changed`: the store lacks the last
 * batch of the interrupted import, so the file must be imported from its beginning.
 */
export type ImportEnd = 'done' | 'stopped' | 'changed'

/** A row on its way into the store. */
interface Pending {
  readonly row: Row
  /** Why the row was refused before it came to the store. */
  readonly refusal?: Refusal
  readonly ready?: ReadyLine
}

/** Imports the rows of one file, a batch at a time. */
export async function importFile(work: ImportWork): Promise<ImportEnd> {
  let pending: Pending[] = []
  let size = 0
  let batch = work.start
  let replaying = work.resumed !== undefined
  const flush = async (): Promise<ImportEnd | undefined> => {
    const outcome = await store(work, pending, replaying)
    const next = pending.at(-1)?.row.next
    pending = []
    size = 0
    if (outcome !== undefined) return outcome
    replaying &&= next === undefined || next.line < (work.resumed?.place.line ?? 0)
    if (next !== undefined && !replaying) {
      await work.onBatch({ batch, place: next, tally: work.tally })
      batch = next
    }
    return undefined
  }
  for await (const row of work.rows) {
    const item = read(work, row)
    if (item === undefined) continue
    if (work.strict && item.refusal !== undefined && !work.dryRun) {
      const ended = pending.length > 0 ? await flush() : undefined
      if (ended !== undefined) return ended
      work.tally.lines++
      tallyLine(work.tally, item.refusal)
      await refuse(work, item.refusal, row)
      return 'stopped'
    }
    pending.push(item)
    size += item.ready?.planned.records.length ?? 1
    const atSeam = replaying && row.next?.line === work.resumed?.place.line
    if (size >= BATCH_SIZE || atSeam) {
      const ended = await flush()
      if (ended !== undefined) return ended
      if (work.isStopping()) return 'stopped'
    }
  }
  return (pending.length > 0 ? await flush() : undefined) ?? 'done'
}

/** The line of a row, or its refusal; undefined for a row that is passed over. */
function read({ toLine, context }: ImportWork, row: Row): Pending | undefined {
  const refused = (refusal: Omit<Refusal, 'line'>): Pending => ({ row, refusal: { line: row.line, ...refusal } })
  if (row.fault !== undefined) return refused({ outcome: 'bad', field: '', why: row.fault, key: undefined })
  let value: unknown
  try {
    value = toLine(row.value)
    if (value === undefined) return undefined
    const line = parseRecordLine(value)
    if ('fault' in line) return refused({ outcome: 'bad', ...line.fault, key: keyOf(value) })
    return { row, ready: { line, planned: planLine(line, context) } }
  } catch (error) {
    if (!(error instanceof LineRefused)) throw error
    return refused({ outcome: error.outcome, ...error.fault, key: keyOf(value) })
  }
}

/** The license key in a line that may be anything. */
function keyOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { key, licenseKey } = value as Readonly<Record<string, unknown>>
  return [key, licenseKey].find((text) => typeof text === 'string')
}

/** Stores a batch and counts the outcomes. A batch that is replayed was counted before. */
async function store(
  work: ImportWork,
  pending: readonly Pending[],
  replaying: boolean,
): Promise<'stopped' | 'changed' | undefined> {
  const ready = pending.flatMap((item) => item.ready ?? [])
  const imported = work.dryRun ? [] : await importReady(work, ready)
  if (replaying) return wasThere(imported) ? undefined : 'changed'
  let taken = 0
  let strictlyRefused = false
  for (const { row, refusal, ready: line } of pending) {
    work.tally.lines++
    const result = line && imported[taken++]
    const refused = refusal ?? (result && count(work.tally, row.line, result))
    if (refusal !== undefined) tallyLine(work.tally, refusal)
    if (refused === undefined) continue
    await refuse(work, refused, row)
    strictlyRefused = work.strict
  }
  return strictlyRefused ? 'stopped' : undefined
}

async function importReady(
  { store, context, requireAccount }: ImportWork,
  ready: readonly ReadyLine[],
): Promise<readonly ImportedLine[]> {
  await requireAccount(ready.flatMap(({ planned }) => planned.records))
  return importBatch(store, ready, context)
}

/** True when every record of a batch is in the store. */
function wasThere(imported: readonly ImportedLine[]): boolean {
  const outcomes = imported.flatMap((line) => line.outcomes)
  return outcomes.includes('existing') && !outcomes.includes('stored')
}

/** Counts a line that never came to the store. */
function tallyLine(tally: Tally, { outcome }: Refusal): void {
  tally[outcome]++
}

async function refuse({ tally, onRefused }: ImportWork, refusal: Refusal, row: Row): Promise<void> {
  tally.refused++
  await onRefused(refusal, row.raw)
}

/** Counts the records of a line; returns the refusal, if there is one. */
function count(tally: Tally, line: number, { records, outcomes }: ImportedLine): Refusal | undefined {
  let refusal: Refusal | undefined
  for (const [index, record] of records.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) continue
    countOutcome(tally, record.kind, outcome)
    if (outcome === 'conflict' || outcome === 'orphan') {
      refusal ??= { line, outcome, field: record.kind, why: REASONS[outcome], key: keyIn(record) }
    }
  }
  return refusal
}

const REASONS = {
  conflict: 'has what another one in the store has already',
  orphan: 'belongs to something that is not in the store',
}

function keyIn(record: StoreRecord): string | undefined {
  return record.kind === 'license' ? record.value.key : undefined
}
