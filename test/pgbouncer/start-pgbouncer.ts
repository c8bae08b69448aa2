import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, type PostgresServer } from '../postgres/start-postgres'

/** A pgbouncer in front of a server. */
export interface Pgbouncer {
  /** The connection string that goes through it. */
  readonly url: string
  stop(): Promise<void>
}

/** The program, which is where only root looks; undefined where it is not installed. */
export function findPgbouncer(): string | undefined {
  return ['pgbouncer', '/usr/sbin/pgbouncer'].find((program) => spawnSync(program, ['--version']).status === 0)
}

/**
 * Starts pgbouncer in transaction mode: whoever begins a transaction is lent one of `poolSize` connections until it ends.
 */
export async function startPgbouncer(
  { port: serverPort, password }: PostgresServer,
  poolSize: number,
): Promise<Pgbouncer> {
  const program = findPgbouncer()
  if (program === undefined) throw new Error('pgbouncer is not installed')
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'keyslot-pgbouncer-'))
  const config = join(folder, 'pgbouncer.ini')
  await writeFile(
    config,
    `[databases]
postgres = host=127.0.0.1 port=${serverPort} user=postgres password='${password}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 400
server_login_retry = 1
`,
  )
  // It does not run as root; nobody else's folder is open to it.
  await chmod(folder, 0o755)
  await chmod(config, 0o644)
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : []
  const child = spawn(program, ['-q', ...user, config], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = once(child, 'exit')
  await isListening(child, port)
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      // At once: it would wait for every client to go.
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true })
    },
  }
}

async function isListening(child: ChildProcess, port: number): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}`)
    const socket = connect({ port, host: '127.0.0.1' })
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isUp) return
    await delay(20)
  }
}
