import { LicenseError } from '../../protocol/license-error'
import type { Answer, ChangeSet, Key, Query, Storage, Tables } from '../contract'
import { type Group, Overlay, type RowChange, rootOf } from './overlay'
import { type Further, furtherIn, lineOf, readTogether } from './questions'

/** What a step has come to: what its caller is told, and what changes with it. */
export interface Decision<O> {
  readonly outcome: O
  /** None for a step that changes nothing. */
  readonly changes: readonly RowChange[]
  /** True where the changes only keep the outcome, for a caller who asks again: nothing that was seen is changed or guarded. */
  readonly isRecordOnly?: boolean
}

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
   * @param further the answer to a query of the step's, or one it has asked for since; undefined for one it has not asked yet
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
  /** Takes no more steps, and resolves when none is under way. */
  close(): Promise<void>
  /** Takes steps again. */
  open(): void
}

/** How steps are gathered, and how they try again. */
export interface StepperOptions {
  readonly storage: Storage
  readonly tables: Tables
  /** A whole number below 2^48 that was not drawn before. */
  readonly newRevision: () => number
  /** A number from 0 to below 1. */
  readonly random: () => number
}

const MAX_BATCH_STEPS = 64
/** How long a batch may take before those who wait for it are answered where they change nothing: a database may be locked. */
const PATIENCE_MS = 50
/** Conflicts that a step may lose before its caller is told that the database is busy. */
const MAX_TRIES = 40
/** How long a line goes on with locks: its next steps would lose too. */
const LOCKING_MS = 1000
const SHORTEST_PAUSE_MS = 1
/** A pause is at most so many times as long as the try took: on a slow database the others are slow too. */
const LONGEST_PAUSE_TRIES = 8
/** But no longer than this: a try that waited a second for the disk says nothing of the next one. */
const LONGEST_PAUSE_MS = 200

interface Waiting {
  readonly step: Step<unknown>
  readonly resolve: (outcome: unknown) => void
  readonly reject: (error: unknown) => void
  /** Names the rows it looks at first, so that those who come after it wait with it. */
  readonly line: string
  /** What it asks, with what it has asked for since. */
  queries: readonly Query[]
  tries: number
}

type Database = Pick<Storage, 'read' | 'write'>
type Locks = readonly { readonly table: string; readonly key: Key }[]

interface Decided {
  readonly waiting: Waiting
  readonly group: Group | undefined
  readonly settle: () => void
}

/** What one step has decided, and how its caller is told. */
interface Verdict extends Pick<Decision<unknown>, 'changes' | 'isRecordOnly'> {
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
  /** Lines that go on with locks on these rows: those that have lost together go on together. */
  const locks = new Map<string, { readonly rows: Locks; readonly until: number }>()
  const batches = storage.writes ?? 1
  let underWay = 0
  let scheduled = false
  let wake: NodeJS.Timeout | undefined
  let looking = false
  let closed = false
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
    const startedAt = performance.now()
    const impatience = setInterval(() => void answerReaders(), PATIENCE_MS)
    let entangled: readonly Waiting[] = batch
    const attempt = async (database: Database) => {
      const { decided, overlay } = decideAll(batch, await readTogether(batch, database))
      entangled = decided.map(({ waiting: one }) => one)
      const fates = await write(overlay.sets(), database)
      return () => settleAll(decided, overlay, fates, performance.now() - startedAt)
    }
    try {
      const rows = locks.get(batch[0]?.line ?? '')?.rows
      const settle = await (rows === undefined ? attempt(storage) : whileLocked(rows, attempt))
      settle()
    } catch (error) {
      for (const { reject } of entangled) reject(error)
    }
    clearInterval(impatience)
    for (const { line } of entangled) busy.delete(line)
    underWay -= 1
    schedule()
    if (underWay === 0 && waiting.length === 0) {
      const listeners = idleListeners
      idleListeners = []
      for (const listener of listeners) listener()
    }
  }

  /** Those who would change nothing, as things are stored now, need not wait for those who do. */
  async function answerReaders() {
    const asking = waiting.slice(0, MAX_BATCH_STEPS)
    const answers = await readTogether(asking, storage).catch(() => undefined)
    for (const one of answers === undefined ? [] : asking) {
      const place = waiting.indexOf(one)
      const result = place === -1 ? undefined : decideOne(one, answers ?? new Map(), new Overlay(tables, newRevision))
      if (result === undefined || result.group !== undefined) continue
      waiting.splice(place, 1)
      result.settle()
    }
  }

  async function whileLocked<T>(rows: Locks, work: (database: Database) => Promise<T>): Promise<T> {
    const done: T[] = []
    await storage.locked?.(rows, async (database) => void done.push(await work(database)))
    return done[0] as T
  }

  /** The steps that may go now, in the order they came: of all lines without locks, or of those with the same ones. */
  function takeBatch(): Waiting[] {
    const now = performance.now()
    for (const [line, until] of pauses) if (until <= now) pauses.delete(line)
    for (const [line, { until }] of locks) if (until <= now) locks.delete(line)
    const batch: Waiting[] = []
    const left: Waiting[] = []
    for (const one of waiting) {
      const [first = one] = batch
      const isAlike = locks.get(one.line)?.rows === locks.get(first.line)?.rows
      const mayGo = isAlike && !pauses.has(one.line) && !busy.has(one.line)
      if (mayGo && batch.length < MAX_BATCH_STEPS) batch.push(one)
      else left.push(one)
    }
    waiting.splice(0, waiting.length, ...left)
    // The end of a batch calls those that wait for its lines.
    if (batch.length === 0 && pauses.size > 0) {
      clearTimeout(wake)
      wake = setTimeout(schedule, Math.max(1, Math.min(...pauses.values()) - now))
    }
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

  function settleAll(
    decided: readonly Decided[],
    overlay: Overlay,
    fates: ReadonlyMap<Group, 'written' | 'conflict'>,
    tookMs: number,
  ) {
    const lost = new Map<string, { readonly steps: Waiting[]; readonly root: Group }>()
    const rows = new Map<Group, Locks>()
    for (const { waiting: one, group, settle } of decided) {
      const root = group && rootOf(group)
      if (root === undefined || fates.get(root) !== 'conflict') settle()
      else if (mayTryAgain(one)) {
        const line = lost.get(one.line) ?? { steps: [], root }
        lost.set(one.line, line)
        if (!rows.has(root)) rows.set(root, overlay.contended(root))
        line.steps.push(one)
      }
    }
    for (const [line, { steps, root }] of lost) {
      yieldTo(line, Math.max(...steps.map(({ tries }) => tries)), rows.get(root) ?? [], tookMs)
    }
    waiting.unshift(...[...lost.values()].flatMap(({ steps }) => steps))
  }

  /**
   * A step that changes nothing, but for a record of its outcome, is decided on what is stored alone: no set guards what it
   * saw, so that what others have decided may be written although the rest of it has changed meanwhile. Undefined where the
   * step must be read for again.
   */
  function decideOne(
    one: Waiting,
    answers: ReadonlyMap<object, readonly Answer[]>,
    overlay: Overlay,
  ): Decided | undefined {
    const touched = new Set<Group>()
    const verdict = decideOn(one, answers, overlay, touched)
    if (verdict === undefined) return undefined
    if (touched.size > 0 && isUnguarded(verdict)) {
      const asStored = decideOn(one, answers, new Overlay(tables, newRevision), new Set())
      // Where only one of the two is a record, the other is of an earlier call of the same name: one in this batch.
      if (asStored?.changes.length !== verdict.changes.length || !isUnguarded(asStored)) return undefined
      return { waiting: one, group: overlay.take(asStored.changes, new Set()), settle: asStored.settle }
    }
    return { waiting: one, group: overlay.take(verdict.changes, touched), settle: verdict.settle }
  }

  function decideOn(
    one: Waiting,
    answers: ReadonlyMap<object, readonly Answer[]>,
    overlay: Overlay,
    touched: Set<Group>,
  ): Verdict | undefined {
    const seen: Answer[] = []
    const stored = answers.get(one)
    for (const [index, query] of one.queries.entries()) {
      const answer = stored?.[index]
      const adjusted = answer && overlay.adjust(query, answer, touched)
      if (adjusted === undefined) return undefined
      seen.push(adjusted)
    }
    try {
      const decision = one.step.decide(seen.slice(0, one.step.queries.length), furtherIn(one, seen))
      if ('ask' in decision) {
        one.queries = [...one.queries, ...decision.ask]
        return undefined
      }
      const { outcome, changes, isRecordOnly = false } = decision
      return { changes, isRecordOnly, settle: () => one.resolve(outcome) }
    } catch (error) {
      return { changes: [], settle: () => one.reject(error) }
    }
  }

  async function write(
    sets: ReadonlyMap<Group, ChangeSet>,
    database: Database,
  ): Promise<ReadonlyMap<Group, 'written' | 'conflict'>> {
    if (sets.size === 0) return new Map()
    const groups = [...sets.keys()]
    const fates = await database.write([...sets.values()])
    return new Map(groups.map((group, index) => [group, fates[index] ?? 'conflict']))
  }

  function mayTryAgain(one: Waiting): boolean {
    one.tries += 1
    one.queries = one.step.queries
    if (one.tries < MAX_TRIES) return true
    const message = `Too many callers change the same rows of the ${storage.name} storage`
    one.reject(new LicenseError('STORAGE_UNAVAILABLE', message, { detail: { retryAfterSeconds: 1 } }))
    return false
  }

  /**
   * A line locks what it has lost, where the storage has locks: those who wait for a lock take turns. Else it lets those go
   * first who were faster: the longer, the more often; once for all who lost together.
   */
  function yieldTo(line: string, tries: number, rows: Locks, tookMs: number) {
    const now = performance.now()
    if (storage.locked !== undefined && rows.length > 0) {
      locks.set(line, { rows, until: now + LOCKING_MS })
      return
    }
    const longest = Math.min(LONGEST_PAUSE_TRIES, 2 ** tries) * Math.max(SHORTEST_PAUSE_MS, tookMs)
    const pause = Math.min(LONGEST_PAUSE_MS, longest) * random()
    pauses.set(line, now + pause)
  }

  async function runLooks() {
    looking = false
    const batch = looks.splice(0)
    try {
      const answers = await readTogether(batch, storage)
      for (const [index, result] of [...answers.values()].entries()) batch[index]?.resolve(result)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }

  const idle: Stepper['idle'] = () =>
    underWay === 0 && waiting.length === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          idleListeners.push(resolve)
        })

  const notOpen = () => new LicenseError('STORAGE_UNAVAILABLE', `The ${storage.name} storage is not open`)

  return {
    run: (step) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(notOpen())
        const [first] = step.queries
        const line = first === undefined ? '' : lineOf(first)
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
        if (closed) return reject(notOpen())
        looks.push({ queries, resolve, reject })
        if (looking) return
        looking = true
        setImmediate(() => void runLooks())
      }),

    idle,
    close() {
      closed = true
      return idle()
    },
    open() {
      closed = false
    },
  }
}

function isUnguarded({ changes, isRecordOnly }: Verdict): boolean {
  return changes.length === 0 || isRecordOnly === true
}
