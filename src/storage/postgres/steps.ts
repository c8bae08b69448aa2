import type { License } from '../../domain/license'
import type { Idempotency, Replay, Replayable, Step, StepResult } from '../contract'
import { decodeOutcome, encodeOutcome } from '../outcome-codec'
import type { Row } from './columns'
import { eventRow } from './rows'
import type { JsonParameter, Statements, Store } from './store'

type Mismatch = { readonly kind: 'idempotency-mismatch' }

/** Writes to the database inside a step. */
export interface StepWork extends Statements {
  /** Stores rows, all with the same columns. */
  insert(table: string, rows: readonly Row[]): Promise<void>
  /** Changes the row with this value in `column`. */
  update(table: string, column: string, value: string | number, row: Row): Promise<void>
}

/**
 * Runs a verb that decides in TypeScript, on rows that `work` has locked: what it does, its events with their deliveries,
 * and its idempotency record in one transaction.
 */
export function runStep<O extends { readonly kind: string }>(
  store: Store,
  accountId: string,
  step: Step<string>,
  work: (statements: StepWork) => Promise<O>,
): StepResult<O> {
  const planned = stepParameter(accountId, step)
  return store.step(async (statements) => {
    const { idempotency, now } = step
    if (idempotency !== undefined) {
      const found = await statements.row('SELECT @find_outcome($1, $2, $3) AS found', [
        accountId,
        now,
        { json: recordParameter(idempotency) },
      ])
      const earlier = earlierOutcome(found?.found as Found | null, (text) => decodeOutcome<O>(String(text)))
      if (earlier !== undefined) return earlier
    }
    const outcome = await work(withWrites(statements))
    if (idempotency !== undefined || step.events?.[outcome.kind] !== undefined) {
      await statements.row('SELECT @end_step($1, $2, $3, $4, $5, $6)', [
        accountId,
        now,
        planned,
        outcome.kind,
        licenseIdOf(outcome),
        encodeOutcome(outcome),
      ])
    }
    return outcome
  })
}

/**
 * Runs a verb that decides in the database: one round trip.
 * @param toOutcome makes an outcome of what the verb's function returned
 */
export async function callStep<O extends { readonly kind: string }>(
  store: Store,
  verb: string,
  accountId: string,
  args: object,
  step: Step<string>,
  toOutcome: (returned: Row) => O,
): StepResult<O> {
  const row = await store.row('SELECT @run_step($1, $2, $3, $4, $5, $6) AS found', [
    verb,
    accountId,
    step.now,
    { json: args },
    stepParameter(accountId, step),
    store.lockMs,
  ])
  const found = row?.found as Found
  const earlier = earlierOutcome(found, (text) => toOutcome(JSON.parse(String(text)) as Row))
  return earlier ?? toOutcome(found.outcome as Row)
}

/** What the functions that look for an earlier outcome return. */
interface Found {
  readonly mismatch?: true
  /** As its record has it: text. As the verb's function returned it just now: an object. */
  readonly outcome?: unknown
  readonly replayed?: { readonly at: number; readonly note: string | null }
}

function earlierOutcome<O extends { readonly kind: string }>(
  found: Found | null,
  decode: (text: unknown) => O,
): Replayable<O> | Mismatch | undefined {
  if (found?.mismatch === true) return { kind: 'idempotency-mismatch' }
  if (found?.replayed === undefined) return undefined
  const replayed: Replay = { at: new Date(found.replayed.at), note: found.replayed.note }
  return { ...decode(found.outcome), replayed }
}

function stepParameter(accountId: string, { events, idempotency }: Step<string>): JsonParameter {
  const planned = Object.entries(events ?? {})
    .filter(([, list]) => list !== undefined && list.length > 0)
    .map(([kind, list = []]) => [
      kind,
      list.map((event) => eventRow({ ...event, accountId, licenseId: event.licenseId ?? null })),
    ])
  return {
    json: { events: Object.fromEntries(planned), idempotency: idempotency && recordParameter(idempotency) },
  }
}

function recordParameter({ scope, key, payloadHash, expiresAt, note }: Idempotency) {
  return { scope, key, payloadHash, expiresAt: expiresAt.getTime(), note: note ?? null }
}

/** What an event planned without a license is about: the one license of its outcome, if there is one. */
function licenseIdOf(outcome: object): string | null {
  return 'license' in outcome ? (outcome.license as License).id : null
}

function withWrites(statements: Statements): StepWork {
  return {
    ...statements,
    async insert(table, rows) {
      const columns = Object.keys(rows[0] ?? {}).join()
      const sql = `INSERT INTO @${table} (${columns})
        SELECT ${columns} FROM json_populate_recordset(NULL::@${table}, $1) RETURNING 1`
      await statements.rows(sql, [{ json: rows }])
    },
    async update(table, column, value, row) {
      const assignments = Object.keys(row).map((name) => `${name} = r.${name}`)
      const sql = `UPDATE @${table} t SET ${assignments.join()}
        FROM json_populate_record(NULL::@${table}, $1) r WHERE t.${column} = $2 RETURNING 1`
      await statements.rows(sql, [{ json: row }, value])
    },
  }
}
