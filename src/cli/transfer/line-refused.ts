import type { LineFault } from '../../protocol/schemas/record-lines'

/** A line that cannot become records. `orphan`: the record it belongs to is missing. */
export class LineRefused extends Error {
  override readonly name = 'LineRefused'
  constructor(
    readonly fault: LineFault,
    readonly outcome: 'bad' | 'orphan' = 'bad',
  ) {
    super(`${fault.field}: ${fault.why}`)
  }
}
