import type { LineFault } from '../../protocol/schemas/record-lines'

/** A line that cannot be carried out. `orphan`: what it belongs to is not there. */
export class LineRefused extends Error {
  override readonly name = 'LineRefused'
  constructor(
    readonly fault: LineFault,
    readonly outcome: 'bad' | 'orphan' = 'bad',
  ) {
    super(`${fault.field}: ${fault.why}`)
  }
}
