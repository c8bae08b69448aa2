import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { childScript } from '../child-script'
import { type PostgresServer, startPostgres } from './start-postgres'

describe('a server of a test', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ settings: { work_mem: '5MB' } })
  })
  afterAll(() => server.dispose())

  it('is set as in production, and as asked', async () => {
    const names = ['fsync', 'full_page_writes', 'synchronous_commit', 'listen_addresses', 'work_mem']
    const rows = await server.query<{ name: string; setting: string }>(
      'SELECT name, setting FROM pg_settings WHERE name = ANY ($1)',
      [names],
    )
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      full_page_writes: 'on',
      synchronous_commit: 'on',
      listen_addresses: '127.0.0.1',
      work_mem: '5120',
    })
  })

  it('has what was committed after each way to end it, at the same port', async () => {
    await server.query('CREATE TABLE marks (mark text)')
    const ends = { immediate: () => server.stop('immediate'), fast: () => server.stop(), killed: () => server.kill9() }
    for (const [mark, end] of Object.entries(ends)) {
      await server.query('INSERT INTO marks VALUES ($1)', [mark])
      await end()
      await expect(server.query('SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
      await server.start()
    }
    expect(await server.query('SELECT mark FROM marks')).toEqual(Object.keys(ends).map((mark) => ({ mark })))
  })

  it('asks for the password', async () => {
    const client = new pg.Client({ host: '127.0.0.1', port: server.port, user: 'postgres', password: 'a guess' })
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' })
  })
})

describe('nothing stays', () => {
  it('of a server that was disposed of, running or not', async () => {
    for (const end of ['run', 'stop', 'kill9'] as const) {
      const server = await startPostgres()
      const { pid = 0 } = server
      if (end !== 'run') await server[end]()
      await server.dispose()
      expect(existsSync(dirname(server.dataDir))).toBe(false)
      expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    }
  })

  it('when the process that started it is killed', async () => {
    const script = await childScript(fileURLToPath(new URL('owner.ts', import.meta.url)))
    const owner = spawn(process.execPath, [script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(createInterface(owner.stdout), 'line')) as [string]
    const { pid, dataDir } = JSON.parse(line) as { readonly pid: number; readonly dataDir: string }
    expect(existsSync(dataDir)).toBe(true)
    owner.kill('SIGKILL')
    await vi.waitFor(() => expect(existsSync(dirname(dataDir))).toBe(false), { timeout: 20_000 })
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
  })
})
