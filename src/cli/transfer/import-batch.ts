import { canonicalEmail } from '../../domain/customer'
import type { RecordLine } from '../../protocol/schemas/record-lines'
import type { Storage } from '../../storage/contract'
import { type ImportOutcome, RECORD_KINDS, type StoreRecord } from '../../storage/records'
import { type KnownIds, nameIn, type PlanContext, type PlannedLine, planLine } from './plan-line'
import { BATCH_SIZE } from './records-of'

/** A line that was understood, and what it makes. */
export interface ReadyLine {
  readonly line: RecordLine
  readonly planned: PlannedLine
}

/** What became of a line's records, in their order. */
export interface ImportedLine {
  readonly records: readonly StoreRecord[]
  readonly outcomes: readonly ImportOutcome[]
}

/**
 * Stores what lines make, all in one step unless there is more than a step may hold. Lines that name a customer by
 * email or a license by key are planned for the one who would have been made; where the store knows that customer or
 * license under another id, they are planned for it and stored once more.
 */
export async function importBatch(
  storage: Storage,
  lines: readonly ReadyLine[],
  context: PlanContext,
): Promise<readonly ImportedLine[]> {
  const imported = await store(
    storage,
    lines.map(({ planned }) => planned.records),
  )
  const misnamed = lines.flatMap(({ line, planned }, index) => {
    const result = imported[index]
    return result && isMisnamed(planned, result) ? [{ line, planned, index }] : []
  })
  if (misnamed.length === 0) return imported
  const known = await lookUp(
    storage,
    misnamed.map(({ planned }) => planned),
  )
  const corrected = misnamed.map(({ line }) => planLine(line, context, known).records)
  const again = await store(storage, corrected)
  const better = new Map(misnamed.map(({ index }, position) => [index, again[position]]))
  return imported.map((result, index) => better.get(index) ?? result)
}

/** True where a name was taken for something that is not there under the id derived from it. */
function isMisnamed({ email, licenseKey }: PlannedLine, { records, outcomes }: ImportedLine): boolean {
  if (licenseKey !== undefined) return outcomes[0] === 'orphan'
  return email !== undefined && records[0]?.kind === 'customer' && outcomes[0] === 'conflict'
}

async function lookUp(storage: Storage, lines: readonly PlannedLine[]): Promise<KnownIds> {
  const customers = new Map<string, string>()
  const licenses = new Map<string, string>()
  for (const { accountId, email, licenseKey } of lines) {
    if (email !== undefined && !customers.has(nameIn(accountId, canonicalEmail(email)))) {
      const customer = await storage.findCustomerByEmail(accountId, email)
      if (customer) customers.set(nameIn(accountId, canonicalEmail(email)), customer.id)
    }
    if (licenseKey !== undefined && !licenses.has(nameIn(accountId, licenseKey))) {
      const found = await storage.findLicense(accountId, licenseKey)
      if (found.kind === 'found') licenses.set(nameIn(accountId, licenseKey), found.license.id)
    }
  }
  return { customers, licenses }
}

/** Those of one kind go together, in the order in which kinds belong to each other: adapters store a run of them at once. */
async function store(storage: Storage, lines: readonly (readonly StoreRecord[])[]): Promise<readonly ImportedLine[]> {
  const outcomes = lines.map((): ImportOutcome[] => [])
  const placed = lines.flatMap((records, line) => records.map((record, position) => ({ record, line, position })))
  const ordered = RECORD_KINDS.flatMap((kind) => placed.filter(({ record }) => record.kind === kind))
  for (let start = 0; start < ordered.length; start += BATCH_SIZE) {
    const batch = ordered.slice(start, start + BATCH_SIZE)
    const answers = await storage.importRecords(batch.map(({ record }) => record))
    for (const [index, { line, position }] of batch.entries()) {
      const [own, answer] = [outcomes[line], answers[index]]
      if (own && answer) own[position] = answer
    }
  }
  return lines.map((records, line) => ({ records, outcomes: outcomes[line] ?? [] }))
}
