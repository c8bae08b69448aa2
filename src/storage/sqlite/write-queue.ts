import type { Database } from './driver'
import { isBusy, lockPauseMs, toStorageError } from './failures'

/** A batch ends after this many steps, or once it has taken this long: the event loop has other work. */
const MAX_BATCH_STEPS = 256
const MAX_BATCH_MS = 20

interface QueuedStep {
  readonly work: () => unknown
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
  readonly giveUpAt: number
}

/** A step that ran, and what its promise becomes once the batch has been committed. */
type Ran =
  | { readonly step: QueuedStep; readonly done: true; readonly value: unknown }
  | { readonly step: QueuedStep; readonly done: false; readonly error: unknown }

/** Group commit: steps that arrive in one turn of the event loop share one transaction, and so one sync to disk. */
export interface WriteQueue {
  /**
   * Runs `work` inside BEGIN IMMEDIATE, in a savepoint of its own: one that throws is undone alone. Resolves only
   * after COMMIT has returned. `work` is synchronous: nothing else runs while the transaction is open.
   */
  run<T>(work: () => T): Promise<T>
}

/** @param patienceMs how long a step may wait for the lock of another process */
export function createWriteQueue(database: Database, patienceMs: number): WriteQueue {
  const begin = database.prepare('BEGIN IMMEDIATE')
  const commit = database.prepare('COMMIT')
  const rollback = database.prepare('ROLLBACK')
  const save = database.prepare('SAVEPOINT step')
  const release = database.prepare('RELEASE step')
  const undo = database.prepare('ROLLBACK TO step')

  const waiting: QueuedStep[] = []
  let scheduled = false

  function scheduleFlush() {
    if (scheduled || waiting.length === 0) return
    scheduled = true
    setImmediate(flush)
  }

  function flush() {
    scheduled = false
    try {
      begin.run()
    } catch (error) {
      putOff(error)
      return
    }
    settle(runBatch())
    scheduleFlush()
  }

  /** Without the lock: waits for it, except with those steps that have waited long enough. */
  function putOff(error: unknown) {
    // All wait equally long, so that the first to come is the first to give up.
    const givesUp = ({ giveUpAt }: QueuedStep) => !isBusy(error) || giveUpAt <= performance.now()
    while (waiting[0] !== undefined && givesUp(waiting[0])) waiting.shift()?.reject(toStorageError(error))
    if (waiting.length === 0) return
    scheduled = true
    setTimeout(flush, lockPauseMs())
  }

  function runBatch(): readonly Ran[] {
    const endAt = performance.now() + MAX_BATCH_MS
    const batch: Ran[] = []
    do {
      const step = waiting.shift()
      if (step === undefined) break
      const ran = runStep(step)
      batch.push(ran)
      if (!ran.done && !undoStep()) return lose(batch, ran.error)
    } while (batch.length < MAX_BATCH_STEPS && performance.now() < endAt)
    try {
      commit.run()
      return batch
    } catch (error) {
      return lose(batch, error)
    }
  }

  function runStep(step: QueuedStep): Ran {
    try {
      save.run()
      const value = step.work()
      release.run()
      return { step, done: true, value }
    } catch (error) {
      return { step, done: false, error }
    }
  }

  /** Undoes the step that has just thrown; false when the whole transaction has to go. */
  function undoStep(): boolean {
    // Some faults (a full disk, an I/O error) make SQLite undo it all by itself.
    if (!database.inTransaction) return false
    try {
      undo.run()
      release.run()
      return true
    } catch {
      return false
    }
  }

  /** Nothing of the batch is stored: what had been done fails too; what had failed before keeps its own reason. */
  function lose(batch: readonly Ran[], error: unknown): readonly Ran[] {
    try {
      if (database.inTransaction) rollback.run()
    } catch {
      // The next BEGIN will say what is wrong.
    }
    return batch.map((ran) => (ran.done ? { step: ran.step, done: false, error } : ran))
  }

  return {
    run: <T>(work: () => T) =>
      new Promise<T>((resolve, reject) => {
        const giveUpAt = performance.now() + patienceMs
        waiting.push({ work, resolve: resolve as (value: unknown) => void, reject, giveUpAt })
        scheduleFlush()
      }),
  }
}

function settle(batch: readonly Ran[]) {
  for (const ran of batch) {
    if (ran.done) ran.step.resolve(ran.value)
    else ran.step.reject(toStorageError(ran.error))
  }
}
