import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'

/**
 * The control of the race: counts activations, then inserts one, as a first draft of a license server would. It must
 * overshoot, or the race is no race. Arguments: database file, limit.
 */
const [, , file = '', limit = ''] = process.argv

/** What lies between two statements wherever the database is asked asynchronously. */
const ROUND_TRIP_MS = 5

const database = new Database(file, { timeout: 5000 })
database.pragma('journal_mode = WAL')
database.exec('CREATE TABLE IF NOT EXISTS activations (host_id TEXT PRIMARY KEY)')
const count = database.prepare<[], number>('SELECT count(*) FROM activations').pluck()
const insert = database.prepare('INSERT OR IGNORE INTO activations (host_id) VALUES (?)')

async function activate(req: IncomingMessage): Promise<number> {
  const { hostId } = JSON.parse(await text(req)) as { hostId: string }
  if ((count.get() ?? 0) >= Number(limit)) return 403
  await delay(ROUND_TRIP_MS)
  insert.run(hostId)
  return 200
}

const server = createServer((req, res) => {
  void activate(req).then((status) => res.writeHead(status, { 'Content-Type': 'application/json' }).end('{}'))
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
})
process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
})
