import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach } from 'vitest'

/** A request as it came in, body unparsed. */
export interface Received {
  readonly method: string | undefined
  readonly path: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly rawBody: string
}

export type Answer = (res: ServerResponse, received: Received) => void

export const answering =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (res) =>
    void res.writeHead(status, headers).end('{"a":"body nobody keeps"}')

/** Somebody's web server, on loopback. */
export class Receiver {
  readonly received: Received[] = []
  /** Connections, whether or not a request came over them. */
  connections = 0
  /** What it does with the next requests. */
  answer: Answer = answering(204)
  port = 0
  private readonly server = createServer((req, res) => this.take(req, res))

  get origin(): string {
    return `http://127.0.0.1:${this.port}`
  }

  constructor() {
    this.server.on('connection', () => {
      this.connections++
    })
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve))
    this.port = (this.server.address() as AddressInfo).port
  }

  /** Like a crash: connections under way are cut. `listen` brings it back on the same port. */
  async die(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve))
    this.server.closeAllConnections()
    await closed
  }

  private take(req: IncomingMessage, res: ServerResponse): void {
    const chunks: Buffer[] = []
    res.on('error', () => undefined)
    req.on('error', () => undefined)
    req.on('data', (chunk: Buffer) => chunks.push(chunk))
    req.on('end', () => {
      const rawBody = Buffer.concat(chunks).toString('utf8')
      const received = { method: req.method, path: req.url, headers: req.headers, rawBody }
      this.received.push(received)
      this.answer(res, received)
    })
  }
}

/** Starts receivers that are gone after the test. */
export function createReceivers(): () => Promise<Receiver> {
  const started: Receiver[] = []
  afterEach(async () => {
    for (const receiver of started.splice(0)) await receiver.die()
  })
  return async () => {
    const receiver = new Receiver()
    await receiver.listen()
    started.push(receiver)
    return receiver
  }
}
