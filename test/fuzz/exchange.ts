import { connect } from 'node:net'
import type { Case } from './draw-case'
import { type RawAnswers, readAnswers } from './http-answers'

/** How long nothing may come, in milliseconds, until no more is waited for where nobody knows what is still to come. */
const QUIET_MS = 40
/** How long whole requests may go without their answers, and a connection that was ended without its end. */
const PATIENCE_MS = 10_000

/** What came of writing to a connection. */
export interface Exchange extends RawAnswers {
  readonly took: number
  /** True where answers, or the end of the connection, were waited for in vain. */
  readonly isStuck: boolean
}

/** Writes to a connection of its own and reads what comes, until all that is certain to come is there. */
export function exchange(port: number, { bytes, requests, hangsUp }: Case): Promise<Exchange> {
  const methods = requests?.map(({ method }) => method) ?? [bytes.subarray(0, 5).toString('latin1').split(' ')[0] ?? '']
  return new Promise((resolve) => {
    const start = performance.now()
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const chunks: Buffer[] = []
    let quiet: NodeJS.Timeout | undefined
    const patience = setTimeout(() => settle(false, true), PATIENCE_MS)

    function settle(isClosed: boolean, isStuck = false): void {
      clearTimeout(patience)
      clearTimeout(quiet)
      socket.destroy()
      const read = hangsUp ? { answers: [] } : readAnswers(Buffer.concat(chunks), methods, isClosed)
      resolve({ ...read, isStuck, took: performance.now() - start })
    }

    /** What is no whole request may get no answer: it is ended, and must end then. */
    function waitForMore(): void {
      clearTimeout(quiet)
      if (requests === undefined) quiet = setTimeout(() => socket.end(), QUIET_MS)
    }

    socket.on('data', (chunk) => {
      chunks.push(chunk)
      waitForMore()
      if (requests === undefined) return
      const { answers, fault } = readAnswers(Buffer.concat(chunks), methods, false)
      if (fault === undefined && answers.length >= requests.length) settle(false)
    })
    socket.on('end', () => settle(true))
    socket.on('close', () => settle(true))
    // Whoever refuses a request may reset its connection while the rest of it is being written.
    socket.on('error', () => undefined)
    socket.write(bytes, () => hangsUp && settle(true))
    waitForMore()
  })
}
