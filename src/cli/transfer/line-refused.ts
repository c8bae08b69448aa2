import type { Fault } from '../../protocol/schemas/fault-of'

/** A line that cannot become records. `orphan`: the record it belongs to is missing. */
export class LineRefused extends Error {
  override readonly name = 'LineRefused'
  constructor(
    readonly fault: Fault,
    readonly outcome: 'bad' | 'orphan' = 'bad',
  ) {
    super(`${fault.field}: ${fault.why}`)
  }
}
