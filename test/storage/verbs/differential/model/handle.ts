import { type Decided, forNow, only } from '../../../../../src/domain/decision'
import type { PlannedEvent } from '../../../../../src/domain/event'
import { isExpired, type License } from '../../../../../src/domain/license'
import type { Idempotency, Step, StepResult } from '../../../../../src/storage/verbs/store'
import { apply } from './apply'
import { Tables } from './tables'

/**
 * An open store, and how every mutating verb runs on it. A verb does its work in one turn of the event loop: an
 * `await` between a check and a write would be a race.
 */
export class Handle {
  private opened: Tables | undefined

  /** @param openTables gives the tables to open: new ones, or some that outlive this handle */
  constructor(private readonly openTables: () => Tables = () => new Tables()) {}

  get tables(): Tables {
    if (this.opened === undefined) throw new Error('memory storage is not open')
    return this.opened
  }

  async open(): Promise<void> {
    this.opened ??= this.openTables()
  }

  async close(): Promise<void> {
    this.opened = undefined
  }

  /** For verbs that write as they go. */
  mutate<O extends { readonly kind: string }>(
    accountId: string,
    step: Step<string>,
    act: (tables: Tables, tell: (told: Decided<O>['told']) => void) => O,
  ): StepResult<O> {
    return this.decide(accountId, step, (tables) => {
      let told: Decided<O>['told'] = {}
      const outcome = act(tables, (what) => {
        told = what
      })
      return { ...(['version-not-found', 'too-many'].includes(outcome.kind) ? forNow(outcome) : only(outcome)), told }
    })
  }

  /** The outcome that is kept under an idempotency key. */
  findReplay<O extends { readonly kind: string }>(
    accountId: string,
    { scope, key, payloadHash }: Idempotency,
    now: Date,
  ): Awaited<StepResult<O>> | null {
    const record = this.tables.idempotencyRecords.get(JSON.stringify([accountId, scope, key]))
    if (record === undefined || isExpired(record.expiresAt, now)) return null
    if (record.payloadHash !== payloadHash) return { kind: 'idempotency-mismatch' }
    const replayed = { at: record.at, note: record.note }
    return structuredClone({ ...(record.outcome as O), replayed }) as Awaited<StepResult<O>>
  }

  /** What all mutating verbs share: the idempotency record before, the events and the record after, in one go. */
  async decide<O extends { readonly kind: string }>(
    accountId: string,
    step: Step<string>,
    decide: (tables: Tables) => Decided<O>,
  ): StepResult<O> {
    const { tables } = this
    const { now, idempotency } = step
    const recordKey = idempotency && JSON.stringify([accountId, idempotency.scope, idempotency.key])
    const replay = idempotency && this.findReplay<O>(accountId, idempotency, now)
    if (replay) return replay

    // What cannot be copied throws here, before anything is written.
    const planned: Partial<Record<string, readonly PlannedEvent[]>> = structuredClone(step.events) ?? {}
    const decided = decide(tables)
    const { outcome, told, unkept } = decided
    apply(tables, decided)
    for (const event of planned[outcome.kind] ?? []) {
      const data = { ...event.data, ...told }
      tables.appendEvent({ ...event, accountId, licenseId: event.licenseId ?? licenseIdOf(outcome), data })
    }
    if (idempotency !== undefined && recordKey !== undefined && unkept !== true) {
      const { payloadHash, expiresAt, note = null } = idempotency
      tables.idempotencyRecords.set(recordKey, structuredClone({ payloadHash, expiresAt, note, at: now, outcome }))
    }
    return structuredClone(outcome)
  }
}

/** What an event planned without a license is about: the one license of its outcome, if there is one. */
function licenseIdOf(outcome: object): string | null {
  return 'license' in outcome ? (outcome.license as License).id : null
}
