import type { StoreRecord } from '../../storage/records'

/** A record as a line of an export: its kind, then its fields. Instants become ISO 8601 in UTC. */
function toLine(record: StoreRecord): Readonly<Record<string, unknown>> {
  // An access token has a field `kind` of its own; in a line, `kind` is the kind of the record.
  if (record.kind === 'access-token') {
    const { kind: tokenKind, ...fields } = record.value
    return { kind: record.kind, tokenKind, ...fields }
  }
  return { kind: record.kind, ...record.value }
}

export function serializeLine(record: StoreRecord): string {
  return `${JSON.stringify(toLine(record))}\n`
}
