import type { ImportOutcome, RecordBatch, RecordKind, StoreRecord } from '../records'

export interface TransferVerbs {
  /** How many records of each kind there are: what {@link exportRecords} would give in all. */
  countRecords(): Promise<Readonly<Record<RecordKind, number>>>
  /**
   * The records of one kind, of all accounts, lapsed and expired ones too, at most `limit` at a time, beginning after
   * `after`: null for the first, then the `next` of the batch before. Those of a kind whose order shows in a list
   * (signing keys; events; what was created at one instant) come in that order. What is written meanwhile may be missed.
   */
  exportRecords(kind: RecordKind, after: string | null, limit: number): Promise<RecordBatch>
  /**
   * Stores records as they are, ids, instants and package ids included, and says of each what became of it, in their
   * order. All in one step, so that a batch which fails leaves nothing. Makes no events and no deliveries, asks no
   * limit. A license starts with no activations, each activation raises its counter by one; package ids go on after the
   * highest. An entry of a revocation list that is there takes the highest stamp and the latest end; the ceiling of
   * stamps is raised to the one given (`existing` where it is that high), and above the stamp of each entry.
   */
  importRecords(records: readonly StoreRecord[]): Promise<readonly ImportOutcome[]>
}
