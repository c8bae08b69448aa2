import type { Server } from 'node:http'
import { constants } from 'node:os'

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** How long requests may go on after a signal; then they are cut off, such as one whose body never ends. */
const DRAIN_MS = 10_000

/**
 * Resolves once a signal has come and every request in flight is answered. A second signal ends the process at once.
 * @param server listening
 */
export function untilStopped(server: Server): Promise<void> {
  return new Promise((resolve) => {
    let stopping = false
    const onSignal = (signal: (typeof SIGNALS)[number]) => {
      if (stopping) process.exit(128 + constants.signals[signal])
      stopping = true
      void drain(server).then(resolve)
    }
    for (const signal of SIGNALS) process.on(signal, onSignal)
    // A kept-alive connection is idle only once its answer is out.
    server.prependListener('request', (_req, res) => {
      if (stopping) res.setHeader('Connection', 'close')
      res.once('close', () => stopping && setImmediate(() => server.closeIdleConnections()))
    })
  })
}

/** Takes no new connections, lets the present ones finish. */
export async function drain(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  server.closeIdleConnections()
  const cutOff = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await closed
  clearTimeout(cutOff)
}
