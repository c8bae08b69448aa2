/** A session that is given up when the process ends. */
interface Leaver {
  /** Never rejects. */
  checkin(): Promise<unknown>
}

/** Checks sessions in when the process ends. All of them share one listener. */
export interface ExitHooks {
  /** @returns a function that takes the session off again; calling it twice does no harm */
  add(session: Leaver, on: { readonly exit: boolean; readonly signals: boolean }): () => void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export function createExitHooks(): ExitHooks {
  const onExit = createGroup(
    (run) => process.once('beforeExit', run),
    (run) => process.off('beforeExit', run),
  )
  const onSignals = SIGNALS.map((signal) => {
    const group: Group = createGroup(
      () => process.on(signal, handle),
      () => process.off(signal, handle),
    )
    // `checkinAll` takes the listeners off first: a second Ctrl-C ends the process at once.
    function handle(): void {
      const alone = process.listenerCount(signal) === 1
      const raiseAgain = () => (alone ? process.kill(process.pid, signal) : undefined)
      group.checkinAll().then(raiseAgain, raiseAgain)
    }
    return group
  })

  return {
    add(session, { exit, signals }) {
      const groups = [...(exit ? [onExit] : []), ...(signals ? onSignals : [])]
      for (const group of groups) group.add(session)
      return () => {
        for (const group of groups) group.remove(session)
      }
    },
  }
}

interface Group {
  add(session: Leaver): void
  remove(session: Leaver): void
  checkinAll(): Promise<unknown>
}

/** Listens only while there is a session to check in. */
function createGroup(listen: (run: () => void) => unknown, stop: (run: () => void) => unknown): Group {
  const sessions = new Set<Leaver>()
  const checkinAll = () => Promise.all([...sessions].map((session) => session.checkin()))
  const run = () => void checkinAll()
  return {
    add(session) {
      if (sessions.size === 0) listen(run)
      sessions.add(session)
    },
    remove(session) {
      if (sessions.delete(session) && sessions.size === 0) stop(run)
    },
    checkinAll,
  }
}
