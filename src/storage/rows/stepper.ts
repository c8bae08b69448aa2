import { LicenseError } from '../../protocol/license-error'
import type { Answer, ChangeSet, Query, RowStorage, Tables } from './contract'
import { type Group, Overlay, type RowChange, rootOf } from './overlay'

/** What a step has come to: what its caller is told, and what changes with it. */
export interface Decision<O> {
  readonly outcome: O
  /** None for a step that changes nothing. */
  readonly changes: readonly RowChange[]
}

export type Further = (query: Query) => Answer | undefined

/** Instead of a decision: what else must be known. The step is asked again, when it can be told. */
export interface Question {
  readonly ask: readonly Query[]
}

/** One use case: what it must know, and what follows from it. */
export interface Step<O> {
  readonly queries: readonly Query[]
  /**
   * Decides on the rows as they are. Asked again, with the rows of then, where somebody else was faster. Pure but for ids
   * and instants that were drawn before.
   *
   * @param answers those to `queries`
   * @param further the answer to a query that the step has asked for since; undefined for one it has not asked yet
   */
  decide(answers: readonly Answer[], further: Further): Decision<O> | Question
}

export interface Stepper {
  /**
   * Reads, decides, and writes if nothing has changed meanwhile; else does it all again.
   * @throws {LicenseError} STORAGE_UNAVAILABLE where others were faster each time, or the database cannot answer. It is
   *   unknown then whether the changes were written.
   */
  run<O>(step: Step<O>): Promise<O>
  /** Answers of one instant for which nothing is decided; never waits for a step. */
  look(queries: readonly Query[]): Promise<readonly Answer[]>
  /** Resolves when no step is under way. */
  idle(): Promise<void>
}

/** How steps are gathered, and how they try again. */
export interface StepperOptions {
  readonly storage: RowStorage
  readonly tables: Tables
  /** A whole number below 2^48 that was not drawn before. */
  readonly newRevision: () => number
  /** A number from 0 to below 1. */
  readonly random: () => number
}

const MAX_BATCH_STEPS = 64
/** Conflicts that a step may lose before its caller is told that the database is busy. */
const MAX_TRIES = 40
const FIRST_PAUSE_MS = 1
const LONGEST_PAUSE_MS = 50

interface Waiting {
  readonly step: Step<unknown>
  readonly resolve: (outcome: unknown) => void
  readonly reject: (error: unknown) => void
  /** Names what it looks at first, so that those who come after it wait with it. */
  readonly line: string
  /** What it asks, with what it has asked for since. */
  queries: readonly Query[]
  tries: number
}

interface Decided {
  readonly waiting: Waiting
  readonly group: Group | undefined
  readonly settle: () => void
}

/**
 * Runs steps in batches: those that arrive in one turn of the event loop, and while the batch before is under way, are read for
 * together, decided one after the other, and written together. So every engine commits in groups, over a network too.
 */
export function createStepper({ storage, tables, newRevision, random }: StepperOptions): Stepper {
  const waiting: Waiting[] = []
  const looks: { queries: readonly Query[]; resolve: (a: readonly Answer[]) => void; reject: (e: unknown) => void }[] =
    []
  /** Lines in which somebody was faster: nobody in them goes on before that instant of `performance.now()`. */
  const pauses = new Map<string, number>()
  /** Lines in which a batch is under way: a second batch would read what the first is about to change. */
  const busy = new Set<string>()
  const batches = storage.writes ?? 1
  let underWay = 0
  let scheduled = false
  let looking = false
  let idleListeners: (() => void)[] = []

  function schedule() {
    if (scheduled || waiting.length === 0 || underWay >= batches) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      void runBatch()
    })
  }

  async function runBatch() {
    const batch = takeBatch()
    if (batch.length === 0) return
    underWay += 1
    for (const { line } of batch) busy.add(line)
    let entangled: readonly Waiting[] = batch
    try {
      const { decided, overlay } = decideAll(batch, await readAll(batch))
      entangled = decided.map(({ waiting: one }) => one)
      await writeAll(decided, overlay.sets())
    } catch (error) {
      for (const { reject } of entangled) reject(error)
    }
    for (const { line } of entangled) busy.delete(line)
    underWay -= 1
    schedule()
    if (underWay === 0 && waiting.length === 0) {
      const listeners = idleListeners
      idleListeners = []
      for (const listener of listeners) listener()
    }
  }

  /** The steps that may go now, in the order they came. */
  function takeBatch(): Waiting[] {
    const now = performance.now()
    for (const [line, until] of pauses) if (until <= now) pauses.delete(line)
    const batch: Waiting[] = []
    const left: Waiting[] = []
    for (const one of waiting) {
      if (batch.length < MAX_BATCH_STEPS && !pauses.has(one.line) && !busy.has(one.line)) batch.push(one)
      else left.push(one)
    }
    waiting.splice(0, waiting.length, ...left)
    // The end of a batch calls those that wait for its lines.
    if (batch.length === 0 && pauses.size > 0) setTimeout(schedule, Math.max(1, Math.min(...pauses.values()) - now))
    return batch
  }

  /** Answers those who saw only what is stored; the others hold their lines until it is written what they decided. */
  function decideAll(batch: readonly Waiting[], answers: ReadonlyMap<object, readonly Answer[]>) {
    const overlay = new Overlay(tables, newRevision)
    const decided: Decided[] = []
    const postponed: Waiting[] = []
    for (const one of batch) {
      const result = decideOne(one, answers, overlay)
      if (result === undefined) postponed.push(one)
      else if (result.group === undefined) result.settle()
      else decided.push(result)
    }
    const held = new Set(decided.map(({ waiting: one }) => one.line))
    for (const { line } of batch) if (!held.has(line)) busy.delete(line)
    waiting.unshift(...postponed)
    schedule()
    return { decided, overlay }
  }

  async function writeAll(decided: readonly Decided[], sets: ReadonlyMap<Group, ChangeSet>) {
    const fates = await write(sets)
    const lost: Waiting[] = []
    for (const { waiting: one, group, settle } of decided) {
      if (group !== undefined && fates.get(rootOf(group)) === 'conflict') lost.push(one)
      else settle()
    }
    const again = lost.filter(mayTryAgain)
    for (const line of new Set(again.map(({ line }) => line))) pause(line, again)
    waiting.unshift(...again)
  }

  /** Each different query once, however many steps ask it. */
  async function readAll(batch: readonly { readonly queries: readonly Query[] }[]) {
    const distinct = new Map<string, Query>()
    const named = batch.map(({ queries }) =>
      queries.map((query) => {
        const name = JSON.stringify(query)
        distinct.set(name, query)
        return name
      }),
    )
    const queries = [...distinct.values()]
    const answers = queries.length === 0 ? [] : await storage.read(queries)
    const byName = new Map([...distinct.keys()].map((name, index) => [name, answers[index] as Answer]))
    return new Map(batch.map((one, index) => [one, (named[index] ?? []).map((name) => byName.get(name) as Answer)]))
  }

  function decideOne(
    one: Waiting,
    answers: ReadonlyMap<object, readonly Answer[]>,
    overlay: Overlay,
  ): Decided | undefined {
    const touched = new Set<Group>()
    const seen: Answer[] = []
    for (const [index, query] of one.queries.entries()) {
      const answer = answers.get(one)?.[index]
      const adjusted = answer && overlay.adjust(query, answer, touched)
      if (adjusted === undefined) return undefined
      seen.push(adjusted)
    }
    try {
      const decision = one.step.decide(seen, furtherOf(one, seen))
      if ('ask' in decision) {
        one.queries = [...one.queries, ...decision.ask]
        return undefined
      }
      const { outcome, changes } = decision
      const group = overlay.take(changes, touched)
      return { waiting: one, group, settle: () => one.resolve(outcome) }
    } catch (error) {
      // A refusal too holds only if what it was decided on is written.
      return { waiting: one, group: overlay.take([], touched), settle: () => one.reject(error) }
    }
  }

  function furtherOf({ queries, step }: Waiting, seen: readonly Answer[]): Further {
    if (queries === step.queries) return () => undefined
    const names = queries.map((query) => JSON.stringify(query))
    return (query) => seen[names.indexOf(JSON.stringify(query))]
  }

  async function write(sets: ReadonlyMap<Group, ChangeSet>): Promise<ReadonlyMap<Group, 'written' | 'conflict'>> {
    if (sets.size === 0) return new Map()
    const groups = [...sets.keys()]
    const fates = await storage.write([...sets.values()])
    return new Map(groups.map((group, index) => [group, fates[index] ?? 'conflict']))
  }

  function mayTryAgain(one: Waiting): boolean {
    one.tries += 1
    if (one.tries < MAX_TRIES) return true
    const message = `Too many callers change the same rows of the ${storage.name} storage`
    one.reject(new LicenseError('STORAGE_UNAVAILABLE', message, { detail: { retryAfterSeconds: 1 } }))
    return false
  }

  /** The longer, the more often somebody else was faster; once for all who lost together. */
  function pause(line: string, lost: readonly Waiting[]) {
    const tries = Math.max(...lost.map((one) => (one.line === line ? one.tries : 0)))
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries)
    pauses.set(line, performance.now() + longest * random())
  }

  async function runLooks() {
    looking = false
    const batch = looks.splice(0)
    try {
      const answers = await readAll(batch)
      for (const [index, result] of [...answers.values()].entries()) batch[index]?.resolve(result)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  return {
    run: (step) =>
      new Promise((resolve, reject) => {
        const line = JSON.stringify(step.queries[0] ?? null)
        waiting.push({
          step,
          line,
          queries: step.queries,
          tries: 0,
          resolve: resolve as (outcome: unknown) => void,
          reject,
        })
        schedule()
      }),

    look: (queries) =>
      new Promise((resolve, reject) => {
        looks.push({ queries, resolve, reject })
        if (looking) return
        looking = true
        setImmediate(() => void runLooks())
      }),

    idle: () =>
      underWay === 0 && waiting.length === 0
        ? Promise.resolve()
        : new Promise((resolve) => {
            idleListeners.push(resolve)
          }),
  }
}
