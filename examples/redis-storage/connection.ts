import { createClient } from 'redis'
import { toStorageError, withTimeout } from './failures'
import type { Reply } from './rows'

export interface ConnectionOptions {
  /** Where the server is, such as `redis://localhost:6379` or `rediss://user:password@host:6380/2`. */
  readonly url: string
  /** How long a command may take, in milliseconds; default 5,000. Then it fails with STORAGE_UNAVAILABLE. */
  readonly timeoutMs?: number
  /** Told when the connection is lost. Default: nobody; the verbs that fail say so themselves. */
  readonly onConnectionError?: (error: unknown) => void
}

/**
 * One connection, which all verbs share: commands are sent as they come and answered in order. It is made again when it
 * is lost; meanwhile commands fail at once. None is ever sent twice: a claim whose answer was lost may have happened.
 */
export class Connection {
  private client: Client | undefined
  private readonly underWay = new Set<Promise<unknown>>()

  constructor(private readonly options: ConnectionOptions) {}

  async open(): Promise<void> {
    if (this.client !== undefined) return
    const client = connectable(this.options)
    // Without a listener an 'error' event ends the process.
    client.on('error', (error: unknown) => this.options.onConnectionError?.(error))
    try {
      await withTimeout(client.connect(), this.timeoutMs)
    } catch (error) {
      client.destroy()
      throw toStorageError(error)
    }
    this.client = client
  }

  /** Waits for what is under way; what comes later is refused. */
  async close(): Promise<void> {
    const { client } = this
    await Promise.allSettled(this.underWay)
    if (client === undefined || this.client !== client) return
    this.client = undefined
    client.destroy()
  }

  /** Sends a command. */
  async send(...command: readonly string[]): Promise<Reply> {
    const { client } = this
    if (client === undefined) throw new Error('redis storage is not open')
    try {
      return await withTimeout(client.sendCommand<Reply>([...command]), this.timeoutMs)
    } catch (error) {
      throw toStorageError(error)
    }
  }

  /** Work of several commands, which closing waits for. */
  async keepOpen<T>(work: () => Promise<T>): Promise<T> {
    const underWay = work()
    this.underWay.add(underWay)
    try {
      return await underWay
    } finally {
      this.underWay.delete(underWay)
    }
  }

  private get timeoutMs(): number {
    return this.options.timeoutMs ?? 5_000
  }
}

type Client = ReturnType<typeof connectable>

function connectable({ url, timeoutMs = 5_000 }: ConnectionOptions) {
  let hasConnected = false
  const client = createClient({
    url,
    // Replies as scripts give them.
    RESP: 2,
    // While there is no connection, say so instead of piling up.
    disableOfflineQueue: true,
    // For those that wait to be sent: the client's own default would not let them wait longer.
    commandOptions: { timeout: timeoutMs },
    socket: {
      connectTimeout: timeoutMs,
      // The first connection is made or refused; one that is lost is tried again for ever, uneven so that many instances
      // do not come back together.
      reconnectStrategy: (retries) => hasConnected && Math.min(2_000, 50 * 2 ** retries) * (0.5 + Math.random() / 2),
    },
  })
  client.once('ready', () => {
    hasConnected = true
  })
  return client
}
