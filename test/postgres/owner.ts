import { startPostgres } from './start-postgres'

/** Starts a server, says which, and lives on until it is killed. */
const { pid, dataDir } = await startPostgres()
console.log(JSON.stringify({ pid, dataDir }))
setInterval(() => undefined, 60_000)
