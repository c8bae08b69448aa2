import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Licensing } from '../../server/index'
import { CommandFailure } from '../failure'
import { limitConnections } from './limit-connections'

/** How long a client may take to send a request. */
const REQUEST_MS = 30_000
const HEADERS_MS = 10_000
/** How long nothing may come or go on a connection, such as that of a client that reads no answer. */
const IDLE_MS = 60_000

export interface HttpServerOptions {
  /** How many proxies are before it, or their addresses. Default none. */
  readonly trustProxy?: number | readonly string[]
}

/** The whole server: the licensing router at the root, and JSON for everything else. */
export async function createHttpServer({ router }: Licensing, { trustProxy }: HttpServerOptions): Promise<Server> {
  const { default: express } = await import('express')
  const app = express()
  app.disable('x-powered-by')
  if (trustProxy !== undefined) app.set('trust proxy', trustProxy)
  app.use(router as unknown as RequestHandler, answerNotFound, answerError)
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: HEADERS_MS }, app)
  server.setTimeout(IDLE_MS)
  limitConnections(server, { perAddress: trustProxy === undefined })
  return server
}

const answerNotFound: RequestHandler = (_req, res) => void res.status(404).json({ message: 'Not found', code: 1 })

/** The router answers its own errors; Express's page for any other would show the stack. */
const answerError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error)
  console.error('keyslot: a request failed outside the licensing router', error)
  res.status(500).json({ message: 'Server error', code: 1 })
}

const LISTEN_FAULTS: Readonly<Record<string, (at: string) => string>> = {
  EADDRINUSE: (at) => `${at} is in use already; --port 0 takes a free port`,
  EACCES: (at) => `this user may not listen on ${at}; ports below 1024 usually need more rights`,
  EADDRNOTAVAIL: (at) => `this machine has no address for ${at}; see --host`,
  ENOTFOUND: (at) => `there is no host of that name to listen on: ${at}`,
}

/**
 * Listens, and returns the URL to reach the server at, without trailing slash.
 * @throws {CommandFailure} when the server cannot listen at the address or port
 */
export async function listen(server: Server, port: number, host: string): Promise<string> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new CommandFailure(LISTEN_FAULTS[code]?.(`${host}:${port}`) ?? `the server cannot listen: ${message}`)
  }
  const { port: taken } = server.address() as AddressInfo
  return `http://${reachable(host)}:${taken}`
}

/** An address that a client can call: "every address" is none. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
