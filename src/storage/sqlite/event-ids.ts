import type { Store } from './store'

// For use inside a step that imports: events by id.

/**
 * Of this connection alone, and gone with it. No other step looks an event up by its id: an index for that would be
 * one more tree to write to for everything that happens.
 */
const CREATE = 'CREATE TEMP TABLE IF NOT EXISTS event_ids (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)'

/** Adds the events stored since, by whomever: events only ever come, in the order of their numbers. */
const CATCH_UP = `
  INSERT OR IGNORE INTO temp.event_ids (seq, id)
  SELECT seq, id FROM events WHERE seq > (SELECT coalesce(max(seq), 0) FROM temp.event_ids)`

/** Makes {@link findEvent} know all events that are there; to be called in every step that asks it. */
export function learnEventIds(store: Store): void {
  store.sql(CREATE).run()
  store.sql(CATCH_UP).run()
}

/** Makes {@link findEvent} know an event that this step has stored. */
export function learnEventId(store: Store, seq: number, id: string): void {
  store.sql('INSERT INTO temp.event_ids (seq, id) VALUES (?, ?)').run(seq, id)
}

export interface FoundEvent {
  readonly seq: number
  readonly account_seq: number
  readonly license_id: string | null
}

export function findEvent(store: Store, id: string): FoundEvent | undefined {
  const text = `
    SELECT v.seq, v.account_seq, v.license_id FROM temp.event_ids i CROSS JOIN events v ON v.seq = i.seq WHERE i.id = ?`
  return store.sql<FoundEvent>(text).get(id)
}
