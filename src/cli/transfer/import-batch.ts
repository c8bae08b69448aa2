import type { RecordLine } from '../../protocol/schemas/record-lines'
import { type ImportOutcome, RECORD_KINDS, type StoreRecord } from '../../storage/records'
import type { Store } from '../../storage/verbs/store'
import { type KnownIds, nameIn, type PlanContext, type PlannedLine, planLine } from './plan-line'
import { BATCH_SIZE } from './record-batches'

/** A line that was understood, and its records. */
export interface ReadyLine {
  readonly line: RecordLine
  readonly planned: PlannedLine
}

/** The records of a line and their outcomes, in the same order. */
export interface ImportedLine {
  readonly records: readonly StoreRecord[]
  readonly outcomes: readonly ImportOutcome[]
}

/**
 * Stores the records of lines, in one step unless a step cannot hold them all. A line that names a customer by email or a
 * license by key is planned with the derived id; where the store knows that customer or license under another id, the
 * line is planned with that id and stored once more.
 */
export async function importBatch(
  store: Store,
  lines: readonly ReadyLine[],
  context: PlanContext,
): Promise<readonly ImportedLine[]> {
  const imported = await keepLines(
    store,
    lines.map(({ planned }) => planned.records),
  )
  const misnamed = lines.flatMap(({ line, planned }, index) => {
    const result = imported[index]
    return result && isMisnamed(planned, result) ? [{ line, planned, index }] : []
  })
  if (misnamed.length === 0) return imported
  const known = await lookUp(
    store,
    misnamed.map(({ planned }) => planned),
  )
  const corrected = misnamed.map(({ line }) => planLine(line, context, known).records)
  const again = await keepLines(store, corrected)
  const better = new Map(misnamed.map(({ index }, position) => [index, again[position]]))
  return imported.map((result, index) => better.get(index) ?? result)
}

/** True when the store may know the line's customer or license under another id than the derived one. */
function isMisnamed({ email, licenseKey }: PlannedLine, { records, outcomes }: ImportedLine): boolean {
  if (licenseKey !== undefined) return outcomes[0] === 'orphan'
  return email !== undefined && records[0]?.kind === 'customer' && outcomes[0] === 'conflict'
}

async function lookUp(store: Store, lines: readonly PlannedLine[]): Promise<KnownIds> {
  const customers = new Map<string, string>()
  const licenses = new Map<string, string>()
  for (const { accountId, email, licenseKey } of lines) {
    if (email !== undefined && !customers.has(nameIn(accountId, email))) {
      const customer = await store.findCustomerByEmail(accountId, email)
      if (customer) customers.set(nameIn(accountId, email), customer.id)
    }
    if (licenseKey !== undefined && !licenses.has(nameIn(accountId, licenseKey))) {
      const found = await store.findLicense(accountId, licenseKey)
      if (found.kind === 'found') licenses.set(nameIn(accountId, licenseKey), found.license.id)
    }
  }
  return { customers, licenses }
}

/** Sorts records by kind, owners first: adapters store a run of one kind at once. */
async function keepLines(store: Store, lines: readonly (readonly StoreRecord[])[]): Promise<readonly ImportedLine[]> {
  const outcomes = lines.map((): ImportOutcome[] => [])
  const placed = lines.flatMap((records, line) => records.map((record, position) => ({ record, line, position })))
  const ordered = RECORD_KINDS.flatMap((kind) => placed.filter(({ record }) => record.kind === kind))
  for (let start = 0; start < ordered.length; start += BATCH_SIZE) {
    const batch = ordered.slice(start, start + BATCH_SIZE)
    const answers = await store.importRecords(batch.map(({ record }) => record))
    for (const [index, { line, position }] of batch.entries()) {
      const [own, answer] = [outcomes[line], answers[index]]
      if (own && answer) own[position] = answer
    }
  }
  return lines.map((records, line) => ({ records, outcomes: outcomes[line] ?? [] }))
}
