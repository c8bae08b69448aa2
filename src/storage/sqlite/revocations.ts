import type { ColumnInput, Store } from './store'

/**
 * Puts the token ids of activations on the revocation list; for use inside a step, before the rows go or change.
 * Tokens that have ended by themselves need no entry.
 *
 * @param which a condition on `l`, the licenses, and `a`, their activations
 */
export function revoke(store: Store, which: string, parameters: readonly ColumnInput[], now: Date) {
  // `tokenId` of the domain says how the id is built.
  const list = store.sql(`
    INSERT OR IGNORE INTO revocations (tokens_end_at, token_id)
    SELECT a.tokens_end_at, a.jti || '.' || l.token_generation
    FROM licenses l CROSS JOIN activations a ON a.license_seq = l.seq WHERE ${which} AND a.tokens_end_at > ?`)
  const { changes } = list.run(...parameters, now)
  if (changes > 0) store.sql('UPDATE revocation_count SET version = version + ?').run(changes)
}

export function readRevocations(store: Store, now: Date) {
  const listed = store.sql<{ token_id: string }>('SELECT token_id FROM revocations WHERE tokens_end_at > ?')
  const counted = store.sql<{ version: number }>('SELECT version FROM revocation_count')
  const ids = listed.all(now).map((row) => row.token_id)
  // A jti that was given twice may be there with two ends.
  return { version: counted.get()?.version ?? 0, tokenIds: [...new Set(ids)] }
}
