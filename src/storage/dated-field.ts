import type { Field } from './define-table'
import { decodeOutcome, encodeOutcome } from './outcome-codec'

/** JSON that may hold instants. */
export function dated<T extends object>(): Field<T> {
  return {
    column: { kind: 'json' },
    toValue: (field) => encodeOutcome(field),
    toField: (value) => decodeOutcome<T>(value as string),
  }
}
