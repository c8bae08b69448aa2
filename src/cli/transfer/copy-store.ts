import { RECORD_KINDS, type RecordKind } from '../../storage/records'
import type { Store } from '../../storage/verbs/store'
import { batchesOf } from './record-batches'
import { countOutcome, emptyTally, type Tally } from './tally'

/** How many records a store has of each kind. */
type RecordCounts = Readonly<Record<RecordKind, number>>

/** A kind of which the target has fewer than the source. */
interface Shortfall {
  readonly kind: RecordKind
  readonly source: number
  readonly target: number
}

export interface Copied {
  readonly tally: Tally
  readonly source: RecordCounts
  readonly target: RecordCounts
  readonly shortfalls: readonly Shortfall[]
}

/**
 * Copies every record of a store into another, kind by kind, then counts both. A record that is there already stays as it
 * is, so an interrupted copy can be started again.
 */
export async function copyStore(
  from: Store,
  to: Store,
  onBatch: (kind: RecordKind, tally: Tally) => void,
): Promise<Copied> {
  const tally = emptyTally()
  for (const kind of RECORD_KINDS) {
    for await (const records of batchesOf(from, kind)) {
      const outcomes = records.length === 0 ? [] : await to.importRecords(records)
      for (const outcome of outcomes) countOutcome(tally, kind, outcome)
      onBatch(kind, tally)
    }
  }
  const [source, target] = [await from.countRecords(), await to.countRecords()]
  const shortfalls = RECORD_KINDS.filter((kind) => target[kind] < source[kind])
  return {
    tally,
    source,
    target,
    shortfalls: shortfalls.map((kind) => ({ kind, source: source[kind], target: target[kind] })),
  }
}
