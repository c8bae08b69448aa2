import type { ChangeSet, Query } from 'keyslot/storage'

/** The tables that queries look at, those they follow rows to included. */
export function tablesRead(queries: readonly Query[]): readonly string[] {
  return queries.flatMap(({ table, follow }) => [table, ...tablesRead(Object.values(follow ?? {}))])
}

/** The tables that a set changes a row of. */
export function tablesChanged(set: ChangeSet): readonly string[] {
  return set.flatMap(({ kind, table }) => (kind === 'guard' ? [] : [table]))
}
