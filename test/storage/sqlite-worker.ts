/** One of several processes on one file. Started by sqlite-processes.test.ts. */
import { openSync, writeSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { ChangeSet, Row, Storage } from '../../src/storage/contract'
import { sqliteStorage } from '../../src/storage/sqlite'
import type { RowChange } from '../../src/storage/stepper/overlay'
import { createStepper } from '../../src/storage/stepper/stepper'
import { one } from '../../src/testing/asking'
import { link, pair, SCHEMA, TABLES } from '../../src/testing/tables'
import { barrier, type Jobs, serveJobs } from './verbs/worker-jobs'

/** What a worker can be told to do. */
export type RowJob =
  | { readonly job: 'open' | 'lock'; readonly file: string }
  /** `blind`: at whatever revision the rows are. */
  | { readonly job: 'count' | 'blind'; readonly file: string; readonly worker: number; readonly times: number }
  | { readonly job: 'load'; readonly file: string; readonly name: string; readonly acknowledged: string }

const stepperOn = (storage: Storage) =>
  createStepper({
    storage,
    tables: TABLES,
    newRevision: () => Math.floor(Math.random() * 2 ** 48),
    random: Math.random,
  })

/** One more in the shared row, and in the worker's own. */
async function count(storage: Storage, worker: number, times: number) {
  const stepper = stepperOn(storage)
  const step = {
    queries: [one('pairs', 'shared', 0), one('pairs', 'own', worker)],
    decide: (answers: readonly { readonly rows: readonly { readonly row: Row }[] }[]) => ({
      outcome: 'counted',
      changes: answers.flatMap(({ rows }) => rows.map(({ row }) => oneMore(row))),
    }),
  }
  await barrier()
  // A turn of the loop for each: not all in a few batches.
  const steps = Array.from({ length: times }, async (_, index) => {
    for (let turn = 0; turn < index % 40; turn++) await new Promise(setImmediate)
    return stepper.run(step)
  })
  await Promise.all(steps)
  await storage.close()
  return { counted: times }
}

function oneMore(before: Row): RowChange {
  return { kind: 'update', table: 'pairs', before, set: { amount: Number(before.amount) + 1 } }
}

async function opened(file: string) {
  const storage = sqliteStorage({ file, busyTimeoutMs: 60_000 })
  await storage.open(SCHEMA)
  return storage
}

/** The control: looks what the revisions are now, and writes over that. */
function blind(storage: Storage): Storage {
  const now = async (set: ChangeSet): Promise<ChangeSet> => {
    const keys = set.map((change) => (change.kind === 'insert' ? [] : change.key))
    const answers = await storage.read(keys.map((key) => one('pairs', ...key)))
    return set.map((change, index) =>
      change.kind === 'update' ? { ...change, revision: Number(answers[index]?.rows[0]?.row.revision) } : change,
    )
  }
  return {
    ...storage,
    async write(sets) {
      for (const set of sets) while ((await storage.write([await now(set)]))[0] !== 'written');
      return sets.map(() => 'written')
    },
  }
}

const jobs: Jobs<RowJob> = {
  /** Opens a file that perhaps nobody has opened before. */
  async open({ file }) {
    const storage = sqliteStorage({ file })
    await barrier()
    await storage.open(SCHEMA)
    const [fate = 'nothing'] = await storage.write([[{ kind: 'insert', table: 'links', row: link('first') }]])
    await storage.close()
    return { [fate]: 1 }
  },

  count: async ({ file, worker, times }) => count(await opened(file), worker, times),

  blind: async ({ file, worker, times }) => count(blind(await opened(file)), worker, times),

  /** Counts for ever, each time with two rows more, noting what was acknowledged, until it is killed. */
  async load({ file, name, acknowledged }) {
    const stepper = stepperOn(await opened(file))
    const notes = openSync(acknowledged, 'a')
    await barrier()
    const countNoted = async (id: string) => {
      await stepper.run({
        queries: [one('pairs', 'shared', 0)],
        decide: ([answer]) => ({
          outcome: id,
          changes: [
            { kind: 'insert', table: 'links', row: link(id) },
            ...(answer?.rows ?? []).map(({ row }) => oneMore(row)),
            { kind: 'insert', table: 'pairs', row: pair(id, 1) },
          ],
        }),
      })
      writeSync(notes, `${id}\n`)
    }
    for (let round = 0; ; round++) {
      await Promise.all(Array.from({ length: 8 }, (_, index) => countNoted(`${name}-${round}-${index}`)))
      process.send?.({ acknowledged: (round + 1) * 8 })
    }
  },

  /** Holds the write lock until it is told to let go. */
  async lock({ file }) {
    const database = new Database(file)
    database.exec('BEGIN IMMEDIATE')
    await barrier()
    database.exec('ROLLBACK')
    database.close()
    return {}
  },
}

await serveJobs(jobs)
