import { type ImportOutcome, RECORD_KINDS, type RecordKind } from '../../storage/records'

/** The outcomes of the records, by kind. A kind that did not occur is left out. */
type KindCounts = { [K in RecordKind]?: { [O in ImportOutcome]?: number } }

/** The counts of an import or a copy so far. */
export interface Tally {
  /** Lines or rows read. */
  lines: number
  /** Lines that were refused, at least in part. */
  refused: number
  /** Refused lines that could not be understood. */
  bad: number
  stored: number
  existing: number
  conflict: number
  orphan: number
  readonly kinds: KindCounts
}

export function emptyTally(): Tally {
  return { lines: 0, refused: 0, bad: 0, stored: 0, existing: 0, conflict: 0, orphan: 0, kinds: {} }
}

export function countOutcome(tally: Tally, kind: RecordKind, outcome: ImportOutcome): void {
  tally[outcome]++
  const counts = tally.kinds[kind] ?? {}
  counts[outcome] = (counts[outcome] ?? 0) + 1
  tally.kinds[kind] = counts
}

/** Adds the counts of one file to the sum of several. */
export function addTally(to: Tally, added: Tally): void {
  for (const name of ['lines', 'refused', 'bad', 'stored', 'existing', 'conflict', 'orphan'] as const) {
    to[name] += added[name]
  }
  for (const kind of RECORD_KINDS) {
    const counts = { ...to.kinds[kind] }
    for (const outcome of ['stored', 'existing', 'conflict', 'orphan'] as const) {
      const sum = (counts[outcome] ?? 0) + (added.kinds[kind]?.[outcome] ?? 0)
      if (sum > 0) counts[outcome] = sum
    }
    if (Object.keys(counts).length > 0) to.kinds[kind] = counts
  }
}
