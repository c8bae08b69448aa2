import type { Storage } from 'keyslot/storage'
import { createClient } from 'redis'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Connection } from '../connection'
import { type RedisStorageOptions, redisStorage } from '../redis-storage'
import { DURABLE, RedisServer } from './redis-server'
import { claim, hostsOf, sell } from './scene'

const servers: RedisServer[] = []
const storages: Storage[] = []

afterEach(async () => {
  for (const storage of storages.splice(0)) await storage.close()
  for (const server of servers.splice(0)) await server.remove()
})

async function start(settings?: readonly string[]): Promise<RedisServer> {
  const server = await RedisServer.start(settings)
  servers.push(server)
  return server
}

async function open(server: RedisServer, options: Partial<RedisStorageOptions> = {}): Promise<Storage> {
  const storage = redisStorage({ url: server.url, ...options })
  storages.push(storage)
  await storage.open()
  return storage
}

/** Runs a command of an administrator's. */
async function command(server: RedisServer, ...words: readonly string[]): Promise<void> {
  const client = createClient({ url: server.url })
  client.on('error', () => undefined)
  await client.connect()
  await client.sendCommand([...words])
  client.destroy()
}

const UNAVAILABLE = { code: 'STORAGE_UNAVAILABLE', detail: { retryAfterSeconds: 1 } }

describe('a server that does not answer', () => {
  it('is STORAGE_UNAVAILABLE at once, and all is well when it is back, without opening again', async () => {
    const server = await start()
    const onConnectionError = vi.fn()
    const storage = await open(server, { onConnectionError })
    await sell(storage)
    await claim(storage, 'host-1')
    await server.kill()

    const before = performance.now()
    await expect(claim(storage, 'host-2')).rejects.toMatchObject(UNAVAILABLE)
    await expect(claim(storage, 'host-2')).rejects.toMatchObject(UNAVAILABLE)
    expect(performance.now() - before).toBeLessThan(1_000)

    await server.run()
    await vi.waitFor(() => storage.ping(), { timeout: 10_000 })
    expect((await claim(storage, 'host-2')).kind).toBe('created')
    expect(await hostsOf(storage)).toEqual(['host-1', 'host-2'])
    expect(onConnectionError).toHaveBeenCalled()
  })

  it('is STORAGE_UNAVAILABLE when it hangs, after the time allowed; the step may have happened all the same', async () => {
    const server = await start()
    const storage = await open(server, { timeoutMs: 300 })
    await sell(storage)
    await claim(storage, 'host-1')
    server.halt(true)
    await expect(claim(storage, 'host-2')).rejects.toMatchObject(UNAVAILABLE)
    server.halt(false)
    await vi.waitFor(() => storage.ping(), { timeout: 10_000 })
    expect(await hostsOf(storage)).toEqual(['host-1', 'host-2'])
  })

  it('is given the time allowed, however long, by what could not be sent yet too', async () => {
    const server = await start()
    // Longer than the client waits of its own accord.
    const timeoutMs = 5_500
    const connection = new Connection({ url: server.url, timeoutMs })
    await connection.open()
    server.halt(true)
    const before = performance.now()
    // More than the socket takes while nothing is read.
    const waits = Array.from({ length: 20 }, async () => {
      await expect(connection.send('ECHO', 'x'.repeat(1_000_000))).rejects.toMatchObject(UNAVAILABLE)
      return performance.now() - before
    })
    expect(Math.min(...(await Promise.all(waits)))).toBeGreaterThan(timeoutMs - 100)
    server.halt(false)
    await connection.close()
  })

  it('cannot be opened, and can be once it is there', async () => {
    const server = await start()
    await server.kill()
    const storage = redisStorage({ url: server.url })
    storages.push(storage)
    await expect(storage.open()).rejects.toMatchObject(UNAVAILABLE)
    await server.run()
    await storage.open()
    await storage.ping()
  })

  it('forgets its scripts when it starts anew, and is told them again', async () => {
    const server = await start()
    const storage = await open(server)
    await sell(storage)
    await claim(storage, 'host-1')
    await command(server, 'SCRIPT', 'FLUSH')
    expect((await claim(storage, 'host-2')).kind).toBe('created')
  })
})

describe('a server that cannot write', () => {
  it('is STORAGE_UNAVAILABLE while its memory is full, answers reads, and nothing is half done', async () => {
    const server = await start()
    const storage = await open(server)
    await sell(storage)
    await command(server, 'CONFIG', 'SET', 'maxmemory', '1mb')
    await expect(claim(storage, 'host-1')).rejects.toMatchObject(UNAVAILABLE)
    expect(await hostsOf(storage)).toEqual([])
    await command(server, 'CONFIG', 'SET', 'maxmemory', '0')
    expect((await claim(storage, 'host-1')).kind).toBe('created')
  })

  it('is STORAGE_UNAVAILABLE while it is a replica', async () => {
    const server = await start()
    const storage = await open(server)
    await sell(storage)
    await command(server, 'REPLICAOF', '127.0.0.1', '1')
    await expect(claim(storage, 'host-1')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await command(server, 'REPLICAOF', 'NO', 'ONE')
    expect((await claim(storage, 'host-1')).kind).toBe('created')
  })
})

describe('a server that would lose licenses', () => {
  const settings: Readonly<Record<string, readonly string[]>> = {
    'keeps nothing': ['--appendonly', 'no'],
    'syncs every second': ['--appendonly', 'yes', '--appendfsync', 'everysec'],
    'never syncs': ['--appendonly', 'yes', '--appendfsync', 'no'],
  }

  it.each(Object.entries(settings))('is refused when it %s', async (_name, given) => {
    const server = await start(given)
    await expect(open(server)).rejects.toThrow(/Set appendonly yes and appendfsync always/)
    await (await open(server, { durability: 'assumed' })).ping()
  })

  it('may sync every second where that was asked for, and no less', async () => {
    const server = await start(settings['syncs every second'])
    await (await open(server, { durability: 'everysec' })).ping()
    const worse = await start(settings['never syncs'])
    await expect(open(worse, { durability: 'everysec' })).rejects.toThrow(/appendfsync always or everysec/)
  })

  it('is refused when it evicts, whatever is assumed', async () => {
    const server = await start([...DURABLE.slice(0, 4), '--maxmemory-policy', 'allkeys-lru'])
    await expect(open(server, { durability: 'assumed' })).rejects.toThrow(/noeviction/)
  })

  it('has to be taken on trust when it does not tell', async () => {
    const server = await start([...DURABLE, '--rename-command', 'CONFIG', ''])
    await expect(open(server)).rejects.toThrow(/durability: 'assumed'/)
    await (await open(server, { durability: 'assumed' })).ping()
  })

  it('is refused when its keys are laid out otherwise', async () => {
    const server = await start()
    await command(server, 'SET', '{keyslot}:layout', '99')
    await expect(open(server)).rejects.toThrow(/layout 99/)
  })
})

it('a prefix must keep its keys together', () => {
  expect(() => redisStorage({ url: 'redis://127.0.0.1', prefix: 'keyslot:' })).toThrow(/braces/)
})
