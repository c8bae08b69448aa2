import { expect, it } from 'vitest'
import { redisStorage } from '../redis-storage'
import { RedisServer } from './redis-server'
import { ACCOUNT, claim, hostsOf, NOW, newActivation, sell, TARGET } from './scene'

const ROUNDS = 5

it('a server killed under load has lost nothing it acknowledged, and no half of a step is left', async () => {
  const server = await RedisServer.start()
  try {
    const storage = redisStorage({ url: server.url })
    await storage.open()
    await sell(storage, { maxActivations: null })
    const acknowledged: string[] = []
    const unknown: string[] = []

    for (let round = 0; round < ROUNDS; round += 1) {
      const enough = acknowledged.length + 200
      let isRunning = true
      const claimers = Array.from({ length: 32 }, async (_, claimer) => {
        for (let count = 0; isRunning; count += 1) {
          const host = `host-${round}-${claimer}-${count}`
          try {
            await claimOnce(host)
            acknowledged.push(host)
          } catch {
            unknown.push(host)
            isRunning = false
          }
          if (acknowledged.length >= enough && isRunning) {
            isRunning = false
            void server.kill()
          }
        }
      })
      await Promise.all(claimers)
      await server.kill()
      await server.run()
      await untilReconnected()

      const stored = new Set(await hostsOf(storage))
      expect(acknowledged.filter((host) => !stored.has(host))).toEqual([])
      // What is stored was asked for, and its event is there: both halves of the step, or neither.
      const asked = new Set([...acknowledged, ...unknown])
      expect([...stored].filter((host) => !asked.has(host))).toEqual([])
      const events = await storage.listEvents(ACCOUNT.id, {}, { limit: 1_000_000 })
      expect(events.items.map(({ data }) => data.host).sort()).toEqual([...stored].sort())
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS * 200)

    // Asked again with its key, a step whose answer was lost happens once.
    for (const host of unknown.splice(0)) await claimOnce(host)
    const stored = await hostsOf(storage)
    expect((await storage.listEvents(ACCOUNT.id, {}, { limit: 1 })).total).toBe(stored.length)
    await storage.close()

    function claimOnce(host: string) {
      const event = { id: `evt_${host}`, type: 'license.activated', at: NOW, data: { host } } as const
      const actor = { id: 'api', address: null }
      const expiresAt = new Date(NOW.getTime() + 86_400_000)
      return storage.claimActivation(ACCOUNT.id, TARGET, newActivation(host), {
        now: NOW,
        events: { created: [{ ...event, actor }] },
        idempotency: { scope: 'test', key: host, payloadHash: 'hash', expiresAt },
      })
    }

    async function untilReconnected(): Promise<void> {
      for (;;) {
        const isBack = await storage.ping().then(
          () => true,
          () => false,
        )
        if (isBack) return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
  } finally {
    await server.remove()
  }
})

it('would notice a server that keeps nothing', async () => {
  const server = await RedisServer.start(['--appendonly', 'no'])
  try {
    const storage = redisStorage({ url: server.url, durability: 'assumed' })
    await storage.open()
    await sell(storage)
    expect((await claim(storage, 'host-1')).kind).toBe('created')
    await storage.close()
    await server.kill()
    await server.run()
    await storage.open()
    expect(await storage.findLicense(ACCOUNT.id, TARGET.canonicalKey)).toEqual({ kind: 'gone' })
    await storage.close()
  } finally {
    await server.remove()
  }
})
