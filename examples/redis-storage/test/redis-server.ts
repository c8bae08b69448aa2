import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** What the adapter asks for by default: what was answered is on disk. */
export const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']

/** A Redis of a test's own, on a port and in a folder of its own. */
export class RedisServer {
  private process: ChildProcess | undefined

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly settings: readonly string[],
  ) {}

  static async start(settings: readonly string[] = DURABLE): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'keyslot-redis-'))
    const server = new RedisServer(await freePort(), folder, settings)
    await server.run()
    return server
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`
  }

  /** Starts it again, on what is in its folder, and waits until it answers. */
  async run(): Promise<void> {
    const fixed = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--dir', this.folder, '--save', '']
    const started = spawn('redis-server', [...fixed, ...this.settings], { stdio: 'ignore' })
    this.process = started
    await once(started, 'spawn')
    while (!(await answers(this.port))) {
      if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}`)
      await pause(10)
    }
  }

  /** No handler of its own runs. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  /** Halts it, so that connections stay and nothing is answered; or lets it go on. */
  halt(isHalted: boolean): void {
    this.process?.kill(isHalted ? 'SIGSTOP' : 'SIGCONT')
  }

  async remove(): Promise<void> {
    await this.end('SIGKILL')
    await rm(this.folder, { recursive: true, force: true })
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const running = this.process
    this.process = undefined
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    running.kill(signal)
    await ended
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

/** Loading its file it answers a ping with an error. */
async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    socket.write('PING\r\n')
    const [data] = (await once(socket, 'data')) as [Buffer]
    return data.toString().startsWith('+PONG')
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
