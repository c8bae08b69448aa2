import { execFile, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Keeper, startKeeper } from './keeper'
import { ENVIRONMENT, type Programs, preparePrograms } from './programs'
import { findServerUser, folderFor, type ServerUser } from './server-user'

const run = promisify(execFile)

export interface PostgresOptions {
  /** Settings as in postgresql.conf, over {@link SETTINGS}. */
  readonly settings?: Readonly<Record<string, string>>
}

/** How `pg_ctl stop` stops a server: clients are waited for, disconnected, or everything drops dead where it stands. */
type StopMode = 'smart' | 'fast' | 'immediate'

/** A PostgreSQL server of one's own, as durable as one in production, running on this machine. */
export interface PostgresServer {
  /** A connection string with user and password, of the superuser. The password needs escaping in a URL. */
  readonly url: string
  readonly password: string
  /** The same after every start. */
  readonly port: number
  readonly dataDir: string
  readonly logFile: string
  /** The process id of the server that runs; undefined while none does. */
  readonly pid: number | undefined
  /** Runs a statement on a connection of its own, and returns its rows. */
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>
  /** Resolves once it accepts connections, after recovery if need be. */
  start(): Promise<void>
  /** Default `fast`. */
  stop(mode?: StopMode): Promise<void>
  restart(mode?: StopMode): Promise<void>
  /** `kill -9` to the server; its other processes notice and end, which the next start waits for. */
  kill9(): Promise<void>
  /** Stops it and removes everything. The end of this process does so too, whatever ends it. */
  dispose(): Promise<void>
}

const PASSWORD = 'p@ss/word? 100%'

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  max_connections: '300',
  shared_buffers: '64MB',
  // What is stored and read must not depend on it.
  timezone: 'Asia/Kathmandu',
  // Each test opens connections; thousands of rounds of hashing for each would be most of the work.
  scram_iterations: '1',
  log_line_prefix: '%m [%p] %a ',
}

const START_MS = 60_000

/** Makes a database cluster in a temporary folder and starts a server on a free loopback port. */
export async function startPostgres({ settings = {} }: PostgresOptions = {}): Promise<PostgresServer> {
  const user = findServerUser()
  const folder = await folderFor(user)
  const cluster: Cluster = { folder, user, dataDir: join(folder, 'data'), logFile: join(folder, 'postgres.log') }
  const keeper = startKeeper(cluster.dataDir, folder)
  try {
    const programs = await preparePrograms(folder, user)
    await createCluster(cluster, programs, settings)
    const server = createPostgresServer(cluster, programs, keeper, await freePort())
    await server.start()
    return server
  } catch (error) {
    await keeper.dismiss()
    throw error
  }
}

interface Cluster {
  readonly folder: string
  readonly user: ServerUser
  readonly dataDir: string
  readonly logFile: string
}

async function createCluster(
  { folder, user, dataDir }: Cluster,
  { initdb }: Programs,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const socketDir = join(folder, 'socket')
  const passwordFile = join(folder, 'password')
  for (const owned of [dataDir, socketDir]) await mkdir(owned, { mode: 0o700 })
  await writeFile(passwordFile, PASSWORD)
  if ('uid' in user) {
    for (const owned of [dataDir, socketDir, passwordFile]) await chown(owned, user.uid, user.gid)
  }
  const all = { ...SETTINGS, unix_socket_directories: socketDir, ...settings }
  await run(
    initdb,
    [
      ...['-D', dataDir, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
      // What initdb writes need not outlive a power cut; what the server writes does.
      ...['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    { ...user, cwd: folder, env: ENVIRONMENT },
  )
}

function createPostgresServer(cluster: Cluster, programs: Programs, keeper: Keeper, port: number): PostgresServer {
  const { folder, user, dataDir, logFile } = cluster
  const url = `postgres://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`
  let running: RunningPostgres | undefined

  return {
    url,
    password: PASSWORD,
    port,
    dataDir,
    logFile,
    get pid() {
      return running?.pid
    },
    query: (sql, values) => queryOnce(url, sql, values),
    async start() {
      if (running !== undefined) throw new Error('the PostgreSQL server runs already')
      running = await startServer(cluster, programs, port)
    },
    async stop(mode = 'fast') {
      if (running === undefined) return
      await run(programs.pgCtl, ['stop', '-D', dataDir, '-m', mode, '-w'], { ...user, cwd: folder, env: ENVIRONMENT })
      await running.ended()
      running = undefined
    },
    async restart(mode) {
      await this.stop(mode)
      await this.start()
    },
    async kill9() {
      if (running === undefined) return
      process.kill(running.pid, 'SIGKILL')
      await running.ended()
      running = undefined
    },
    async dispose() {
      // What kill9 leaves: by now the number may be another process's.
      if (running === undefined) await rm(join(dataDir, 'postmaster.pid'), { force: true })
      await keeper.dismiss()
      running = undefined
    },
  }
}

interface RunningPostgres {
  readonly pid: number
  /** Resolves once it has ended; keeps this process alive until then, which a running server alone does not. */
  ended(): Promise<unknown>
  /** Undoes that. */
  unref(): void
}

async function startServer(cluster: Cluster, programs: Programs, port: number): Promise<RunningPostgres> {
  const deadline = performance.now() + START_MS
  for (;;) {
    const logged = await logOf(cluster)
    const server = launch(cluster, programs, port)
    if (await isReady(cluster, server, deadline)) return server
    const said = (await logOf(cluster)).slice(logged.length)
    // The other processes of a server that was killed have not noticed yet.
    const isTooEarly = /pre-existing shared memory block .*is still in use/.test(said)
    if (!isTooEarly || performance.now() > deadline) throw new Error(`PostgreSQL did not start:\n${said}`)
    await delay(50)
  }
}

function launch({ folder, user, dataDir, logFile }: Cluster, { postgres }: Programs, port: number): RunningPostgres {
  const log = openSync(logFile, 'a')
  const child = spawn(postgres, ['-D', dataDir, '-p', String(port)], {
    ...user,
    cwd: folder,
    env: ENVIRONMENT,
    stdio: ['ignore', log, log],
    detached: true,
  })
  closeSync(log)
  if (child.pid === undefined) throw new Error(`${postgres} cannot be run`)
  const exited = once(child, 'exit')
  return {
    pid: child.pid,
    ended() {
      child.ref()
      return exited
    },
    unref: () => child.unref(),
  }
}

/** False when it ended instead. Reads what `pg_ctl start` reads: the last line of `postmaster.pid`. */
async function isReady({ dataDir }: Cluster, server: RunningPostgres, deadline: number): Promise<boolean> {
  let hasEnded = false
  void server.ended().then(() => {
    hasEnded = true
  })
  while (!hasEnded && performance.now() < deadline) {
    const lines = (await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
    if (lines[0] === String(server.pid) && lines[7]?.trim() === 'ready') {
      server.unref()
      return true
    }
    await delay(20)
  }
  if (!hasEnded) process.kill(server.pid, 'SIGKILL')
  return false
}

function logOf({ logFile }: Cluster): Promise<string> {
  return readFile(logFile, 'utf8').catch(() => '')
}

/** One below those that systems give to outgoing connections: it must still be free for the next start. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 32_000)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}

async function queryOnce<Row extends pg.QueryResultRow>(url: string, sql: string, values?: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(sql, values)).rows
  } finally {
    await client.end()
  }
}
