/** One of several processes on one store. Started by window-workers.ts. */
import { writeFileSync } from 'node:fs'
import type { Storage } from '../../src/storage/contract'
import { postgresStorage } from '../../src/storage/postgres'
import { sqliteStorage } from '../../src/storage/sqlite'
import { createStore } from '../../src/storage/verbs/create-store'
import type { Store } from '../../src/storage/verbs/store'
import { createDraw } from '../storage/verbs/draw'
import { barrier, type Jobs, serveJobs } from '../storage/verbs/worker-jobs'
import { circumstances } from './circumstances'
import { runLane } from './lane'
import { clockSince, createRecorder, type Recorder } from './recorder'
import type { WindowJob } from './window-workers'

/** Callers at once in each window: their steps share batches. */
const LANES = 2

interface Opened {
  readonly store: Store
  /** How many sets of changes somebody else was faster than. */
  conflicts: number
}

/** Kept from window to window. */
const opened = new Map<string, Promise<Opened>>()

const jobs: Jobs<WindowJob> = {
  /** Runs its lanes of all windows at once, and leaves what they saw in a file. */
  async windows({ on, circumstance, windows, index, seed, epoch, histories }) {
    const name = JSON.stringify([on, circumstance])
    const opening = opened.get(name) ?? open(on, circumstance)
    opened.set(name, opening)
    const place = await opening
    const before = place.conflicts
    const recorders = windows.map((window) => createRecorder({ store: place.store, window }, clockSince(epoch)))
    const lanes = windows.flatMap((window, at) =>
      Array.from({ length: LANES }, (_, lane) => {
        const draw = createDraw(scatter(((seed * 4096 + window) * 8 + index) * LANES + lane))
        return { by: `${index}.${lane}`, window, draw, recorder: recorders[at] as Recorder }
      }),
    )
    await barrier()
    await Promise.all(lanes.map(runLane))
    writeFileSync(histories, JSON.stringify(recorders.map(({ history }) => history)))
    return { conflicts: place.conflicts - before }
  },
}

/** Seeds that are next to each other would draw much the same at first. */
function scatter(seed: number): number {
  return Math.imul(seed + 1, 2_654_435_761)
}

async function open(on: WindowJob['on'], circumstance: WindowJob['circumstance']): Promise<Opened> {
  const storage =
    'file' in on
      ? sqliteStorage({ file: on.file, busyTimeoutMs: 60_000 })
      : postgresStorage({ connectionString: on.url, schema: on.schema, maxConnections: 3 })
  const counted = { conflicts: 0 }
  const changed = circumstances[circumstance](storage)
  const store = createStore(
    countingConflicts(changed, () => {
      counted.conflicts += 1
    }),
  )
  await store.open()
  return Object.assign(counted, { store })
}

function countingConflicts(storage: Storage, onConflict: () => void): Storage {
  return {
    ...storage,
    async write(sets) {
      const fates = await storage.write(sets)
      for (const fate of fates) if (fate === 'conflict') onConflict()
      return fates
    },
  }
}

await serveJobs(jobs)
