import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import { type PostgresServer, startPostgres } from './start-postgres'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where test files ask for the server they share. */
    readonly postgresDesk: string
  }
}

/**
 * One PostgreSQL server for all test files of a run, started when the first of them asks: runs that need none pay for
 * none. It lives in the process that outlives them all.
 * @returns what ends it
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let server: Promise<PostgresServer> | undefined
  const desk = createServer((_req, res) => {
    server ??= startPostgres()
    server.then(
      ({ url }) => res.end(url),
      (error: unknown) => res.writeHead(500).end(String(error)),
    )
  })
  desk.listen(0, '127.0.0.1').unref()
  await once(desk, 'listening')
  project.provide('postgresDesk', `http://127.0.0.1:${(desk.address() as AddressInfo).port}`)
  return async () => {
    desk.close()
    await (await server)?.dispose()
  }
}
