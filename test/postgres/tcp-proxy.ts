import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/**
 * What happens to connections: they pass; are refused; are taken and dropped at once; or are taken and never answered, as
 * by a network that swallows everything.
 */
export type Weather = 'pass' | 'refuse' | 'reset' | 'black-hole'

/** A stretch of network with a fault switch, between clients and servers on this machine. */
export class TcpProxy {
  /** How long every chunk is on its way, in milliseconds, either way. */
  delayMs = 0
  port = 0
  private weather: Weather = 'pass'
  private server: Server | undefined
  private readonly links = new Set<Link>()
  private cut: Cut | undefined
  private turns = 0

  /** @param targets ports of servers; each connection goes to the next of them, or to whichever takes it */
  constructor(private readonly targets: readonly number[]) {}

  async listen(): Promise<void> {
    this.server = createServer({ allowHalfOpen: true }, (client) => void this.take(client))
    this.server.listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  /** Changes the weather, for connections that are open too: `refuse` and `reset` drop them. */
  async turn(weather: Weather): Promise<void> {
    const isListening = this.weather !== 'refuse'
    this.weather = weather
    if (weather === 'refuse' || weather === 'reset') this.drop()
    if (weather === 'refuse' && isListening) await this.deafen()
    if (weather !== 'refuse' && !isListening) await this.listen()
  }

  /**
   * Drops the next connection over which `text` is sent to the server: `before` it gets there, or `after` the server has
   * answered it, with the answer on its way. Resolves once it has happened.
   *
   * @param behind is sent before it; a `text` that goes by earlier is let pass
   */
  cutAt(text: string, when: 'before' | 'after', behind?: string): Promise<void> {
    return new Promise((resolve) => {
      this.cut = { text, when, behind, done: resolve }
    })
  }

  /** Swallows everything on the connection over which `text` is sent, once the server has it. Both ends stay open. */
  swallowAfter(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.cut = { text, when: 'never', behind: undefined, done: resolve }
    })
  }

  async close(): Promise<void> {
    this.drop()
    if (this.weather !== 'refuse') await this.deafen()
  }

  private drop(): void {
    for (const { client, server } of this.links) {
      client.resetAndDestroy()
      server?.resetAndDestroy()
    }
    this.links.clear()
  }

  private async deafen(): Promise<void> {
    const { server } = this
    if (server !== undefined) await new Promise((resolve) => server.close(resolve))
  }

  private async take(client: Socket): Promise<void> {
    const link: Link = { client, server: undefined, isCut: false, isSwallowed: false }
    this.links.add(link)
    client.on('error', () => undefined)
    if (this.weather === 'reset') return void client.resetAndDestroy()
    if (this.weather === 'black-hole') return
    const server = await this.reach()
    if (server === undefined || client.destroyed) return void client.destroy()
    link.server = server
    server.on('error', () => undefined)
    client.on('data', (chunk) => this.toServer(link, server, chunk))
    server.on('data', (chunk) => this.toClient(link, chunk))
    for (const event of ['end', 'close']) {
      client.on(event, () => this.closing(link, server))
      server.on(event, () => this.closing(link, client))
    }
  }

  /** A connection to the server whose turn it is, or to the next that takes one. */
  private async reach(): Promise<Socket | undefined> {
    for (let tried = 0; tried < this.targets.length; tried++) {
      const port = this.targets[this.turns++ % this.targets.length] ?? 0
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
      if (await isConnected(socket)) return socket
    }
    return undefined
  }

  /** What one end closes is closed to the other, behind what it has sent; unless nothing gets there any more. */
  private closing(link: Link, other: Socket | undefined): void {
    if (link.isSwallowed || this.weather === 'black-hole') return
    this.later(() => other?.end())
  }

  private toServer(link: Link, server: Socket, chunk: Buffer): void {
    if (this.weather === 'black-hole' || link.isSwallowed) return
    const { cut } = this
    if (cut?.behind !== undefined) {
      if (chunk.includes(cut.behind)) this.cut = { ...cut, behind: undefined }
    } else if (cut !== undefined && chunk.includes(cut.text)) {
      this.cut = undefined
      this.strike(cut, link, server)
    }
    if (!link.client.destroyed) this.later(() => server.write(chunk))
  }

  private strike({ when, done }: Cut, link: Link, server: Socket): void {
    if (when === 'before') {
      this.sever(link)
      done()
    } else if (when === 'after') {
      link.isCut = true
      server.once('data', () => done())
    } else {
      link.isSwallowed = true
      done()
    }
  }

  private toClient(link: Link, chunk: Buffer): void {
    if (this.weather === 'black-hole' || link.isSwallowed) return
    if (link.isCut) this.sever(link)
    else this.later(() => link.client.write(chunk))
  }

  private sever(link: Link): void {
    link.client.resetAndDestroy()
    link.server?.end()
  }

  private later(send: () => void): void {
    if (this.delayMs === 0) send()
    else setTimeout(send, this.delayMs)
  }
}

interface Link {
  readonly client: Socket
  server: Socket | undefined
  isCut: boolean
  isSwallowed: boolean
}

interface Cut {
  readonly text: string
  readonly when: 'before' | 'after' | 'never'
  readonly behind: string | undefined
  readonly done: () => void
}

function isConnected(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
}
