import { type Decided, type EntityChange, only } from '../../domain/decision'
import type { AuditEvent, PlannedEvent } from '../../domain/event'
import type { License } from '../../domain/license'
import { usesUpProof } from '../../domain/proof'
import type { Answer, Query } from '../contract'
import type { Further } from '../stepper/questions'
import type { Decision, Question, Stepper } from '../stepper/stepper'
import { type Announcement, lookForReceivers, planDeliveries } from './announce'
import { Facts, lookUp } from './facts'
import { keepOutcome, replayOf } from './idempotency-record'
import { planRevocations } from './plan-revocations'
import { planVacating, type Vacating } from './plan-vacating'
import type { Replayable, Step, StepRefusal, StepResult } from './store'
import { lookForTaken, takeOnce } from './take-once'

/** Clears away what big steps have left behind. */
export interface Clearing {
  /** Clears all there is, in small steps; a run under way is joined, and looks again. Rejects where a step does. */
  run(): Promise<void>
  /** The same in the background: what fails is for the next run, and the process may end meanwhile. */
  begin(): void
}

/** What verbs work with. */
export interface Keeping {
  readonly stepper: Stepper
  /** A number greater than all that were given before: what lists are in the order of. */
  readonly newPlace: () => number
  /** See `StoreOptions`. */
  readonly onStored?: ((events: readonly AuditEvent[]) => void) | undefined
  /** See `StoreOptions`. */
  readonly rowsAtOnce: number
  readonly clearing: Clearing
}

/** A verb's own part: what it must know, and what it decides. */
export interface Verb<O> {
  readonly queries: readonly Query[]
  decide(answers: readonly Answer[], facts: Facts, further: Further): Decided<O> | Question
}

/** Reads what is to be known, at one instant. */
export async function look<T>(
  { stepper, newPlace }: Pick<Keeping, 'stepper' | 'newPlace'>,
  queries: readonly Query[],
  read: (answers: readonly Answer[], facts: Facts) => T,
): Promise<T> {
  return read(await stepper.look(queries), new Facts(newPlace))
}

/**
 * What is mostly read, and now and then changes something: decided on what a reader sees, who waits for no step, and decided
 * anew in a step where something is to change. Only then its plan is asked for.
 */
export async function lookOrMutate<O extends { readonly kind: string }>(
  keeping: Keeping,
  accountId: string,
  plan: () => Step<string>,
  verb: Verb<O>,
): StepResult<O> {
  const decided = await look(keeping, verb.queries, (answers, facts) => verb.decide(answers, facts, () => undefined))
  return isSettled(decided) ? decided.outcome : mutate(keeping, accountId, plan(), verb)
}

function isSettled<O>(decided: Decided<O> | Question): decided is Decided<O> {
  return !('ask' in decided) && decided.changes.length === 0 && (decided.revoked ?? []).length === 0
}

/** A step without events or idempotency record: what nobody is told of. */
export async function act<O>(keeping: Keeping, { queries, decide }: Verb<O>): Promise<O> {
  const { stepper, newPlace, rowsAtOnce, clearing } = keeping
  const { outcome, leaves } = await stepper.run<{ readonly outcome: O; readonly leaves: boolean }>({
    queries,
    decide(answers, further) {
      const facts = new Facts(newPlace)
      const decided = decide(answers, facts, further)
      if ('ask' in decided) return decided
      const whole = planWhole(decided, facts, further, rowsAtOnce)
      if ('ask' in whole) return whole
      const { changes, leaves } = whole
      return toRows({ outcome: { outcome: decided.outcome, leaves }, changes }, facts)
    },
  })
  if (leaves) clearing.begin()
  return outcome
}

/**
 * The one way every mutating verb runs: the idempotency record before, what the verb decides, its events with their
 * deliveries, and the record after, all in one step.
 */
export async function mutate<O extends { readonly kind: string }>(
  { stepper, newPlace, onStored, rowsAtOnce, clearing }: Keeping,
  accountId: string,
  step: Step<string>,
  { queries, decide }: Verb<O>,
): StepResult<O> {
  const { idempotency, isClosed, takes } = step
  const announces = Object.values(step.events ?? {}).some((events) => (events ?? []).length > 0)
  const own = [
    ...(idempotency === undefined
      ? []
      : [lookUp('idempotencyRecord', [accountId, idempotency.scope, idempotency.key])]),
    // Who frees a slot uses the proof up: what `takeOnce` asks is read at once.
    ...(takes !== undefined && step.events?.released !== undefined ? [lookForTaken(accountId, takes)] : []),
    ...(announces ? [lookForReceivers(accountId)] : []),
  ]
  // The verb's own first: those whose steps begin with the same row take turns.
  const { outcome, stored, leaves, isRecorded } = await stepper.run<Settled<O>>({
    queries: [...queries, ...own],
    decide(answers, further) {
      const facts = new Facts(newPlace)
      const record = idempotency && facts.one('idempotencyRecord', answers[queries.length])
      const earlier = idempotency && replayOf<O>(record ?? null, idempotency, step.now)
      if (earlier !== undefined) return toRows(only({ ...NOTHING_KEPT, outcome: earlier }), facts)

      const receivers = announces ? answers.at(-1) : undefined
      const decided = decide(answers.slice(0, queries.length), facts, further)
      if ('ask' in decided) return decided
      const { outcome } = decided
      const events = eventsOf(accountId, step, decided)
      if (isClosed === true && events.length > 0) {
        return toRows(only({ ...NOTHING_KEPT, outcome: { kind: 'closed' } }), facts)
      }
      const deliveries = planDeliveries(events, decided.changes, facts, receivers, further)
      const proofs =
        takes && usesUpProof(outcome) ? [takeOnce(accountId, takes, { facts, further, now: step.now })] : []
      const whole = planWhole(decided, facts, further, rowsAtOnce, proofs)
      if ('ask' in deliveries || 'ask' in whole) return { ask: asked(deliveries, whole) }
      const changes = [...whole.changes, ...deliveries.changes]
      const isRecordOnly = changes.length === 0
      const isRecorded = idempotency !== undefined && decided.unkept !== true && isClosed !== true
      if (isRecorded) changes.push(keepOutcome(accountId, idempotency, outcome, step.now, record ?? null))
      return {
        ...toRows({ outcome: { outcome, stored: events, leaves: whole.leaves, isRecorded }, changes }, facts),
        isRecordOnly,
      }
    },
  })
  if (stored.length > 0) onStored?.(stored)
  if (stored.length > 0 || isRecorded) step.onKept?.(stored.length > 0)
  if (leaves) clearing.begin()
  return outcome
}

/** What a caller is told, and what everybody else is. */
interface Settled<O> {
  readonly outcome: Replayable<O> | StepRefusal
  readonly stored: readonly AuditEvent[]
  /** True where rows were left behind. */
  readonly leaves: boolean
  /** True where the outcome is kept for a retry. */
  readonly isRecorded: boolean
}

const NOTHING_KEPT = { stored: [], leaves: false, isRecorded: false }

/** What a decision changes, with the rows that go with what it vacates, what its revocations change, and its proofs. */
function planWhole<O>(
  decided: Decided<O>,
  facts: Facts,
  further: Further,
  rowsAtOnce: number,
  proofs: readonly ({ readonly changes: readonly EntityChange[] } | Question)[] = [],
): Vacating | Question {
  const vacating = planVacating(decided, facts, further, rowsAtOnce)
  const plans = [planRevocations(decided, facts, further), ...proofs]
  if ('ask' in vacating || plans.some((plan) => 'ask' in plan)) return { ask: asked(vacating, ...plans) }
  const planned = plans.flatMap((plan) => ('ask' in plan ? [] : plan.changes))
  return { changes: [...decided.changes, ...vacating.changes, ...planned], leaves: vacating.leaves }
}

/** What several plans ask, together. */
function asked(...plans: readonly (object | Question)[]): readonly Query[] {
  return plans.flatMap((plan) => ('ask' in plan ? plan.ask : []))
}

function eventsOf<O extends { readonly kind: string }>(
  accountId: string,
  { events }: Step<string>,
  { outcome, about, told }: Decided<O>,
) {
  const license = 'license' in outcome ? (outcome.license as License) : about
  return (events?.[outcome.kind] ?? []).map((event) => announced(event, accountId, license, told))
}

function toRows<O>({ outcome, changes }: Decided<O>, facts: Facts): Decision<O> {
  return { outcome, changes: changes.map((change) => facts.toRowChange(change)) }
}

/** An event planned without a license is about the one license of its step, if there is one. */
function announced(
  event: PlannedEvent,
  accountId: string,
  license: License | undefined,
  told: object = {},
): Announcement {
  return { ...event, accountId, licenseId: event.licenseId ?? license?.id ?? null, data: { ...event.data, ...told } }
}
