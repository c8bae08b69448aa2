import { type EntityChange, type Leftover, remove } from '../../domain/decision'
import { lookFor, lookUp } from './facts'
import { act, type Clearing, type Keeping, look } from './run-step'

/** Leftovers that are looked up at once. */
const MAX_LEFTOVERS = 100
/** Others have their turn between two steps. */
const PAUSE_MS = 1

/** What a store opens and closes. */
export interface ClosableClearing extends Clearing {
  /** Ends behind the step under way, and resolves then: what is left is for another run. */
  close(): Promise<void>
  open(): void
}

export function createClearing(keeping: () => Keeping): ClosableClearing {
  let underWay: Promise<void> | undefined
  let isAskedAgain = false
  let isClosed = false
  /** True while somebody waits for the run: only then does it keep the process alive. */
  let isAwaited = false
  let timer: NodeJS.Timeout | undefined
  let endPause: () => void = () => undefined

  const pause = () =>
    new Promise<void>((resolve) => {
      if (isClosed) return resolve()
      endPause = resolve
      timer = setTimeout(resolve, PAUSE_MS)
      if (!isAwaited) timer.unref()
    })

  async function clearAll() {
    do {
      isAskedAgain = false
      for (const leftover of await someLeftovers(keeping())) {
        isAskedAgain = true
        while (!isClosed && !(await clearSome(keeping(), leftover))) await pause()
        await pause()
      }
    } while (isAskedAgain && !isClosed)
  }

  function start(): Promise<void> {
    isAskedAgain = true
    if (isClosed) return Promise.resolve()
    underWay ??= clearAll().finally(() => {
      underWay = undefined
      isAwaited = false
    })
    return underWay
  }

  return {
    begin: () => void start().catch(() => undefined),
    run() {
      isAwaited = true
      timer?.ref()
      return start()
    },
    async close() {
      isClosed = true
      endPause()
      await underWay?.catch(() => undefined)
    },
    open() {
      isClosed = false
    },
  }
}

function someLeftovers(keeping: Keeping): Promise<readonly Leftover[]> {
  const query = lookFor('leftover', { equal: [], limit: MAX_LEFTOVERS })
  return look(keeping, [query], ([leftovers], facts) => facts.all('leftover', leftovers))
}

/** @returns true where nothing of it is left */
function clearSome(keeping: Keeping, { of, licenseId, generation }: Leftover): Promise<boolean> {
  const most = Math.max(1, keeping.rowsAtOnce)
  return act(keeping, {
    queries: [
      lookUp('leftover', [of, licenseId, generation]),
      lookFor(of, { equal: [licenseId, generation], limit: most + 1 }),
    ],
    decide([leftovers, found], facts) {
      const leftover = facts.one('leftover', leftovers)
      if (leftover === null) return { outcome: true, changes: [] }
      const rows = facts.all(of, found)
      const cleared = rows.slice(0, most).map((row): EntityChange => remove(of, row))
      const isAll = rows.length <= most
      return { outcome: isAll, changes: isAll ? [...cleared, remove('leftover', leftover)] : cleared }
    },
  })
}
