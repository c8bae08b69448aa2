import { join } from 'node:path'
import { createLicenseKit, type LicenseKitOptions, type PublicJwk } from 'keyslot/client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type RunningServer, type ServeLine, serve } from '../cli/keyslot-process'
import { scratchFolder } from '../cli/scratch-folder'
import { type ScratchSchema, scratchSchema } from '../postgres/scratch-schema'
import { TcpProxy } from '../postgres/tcp-proxy'
import { createKey, readKeyUse } from './wire'

const KITS = 8

const schemas: ScratchSchema[] = []
const proxies: TcpProxy[] = []

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close()
  for (const schema of schemas.splice(0)) await schema.drop()
})

/** Two servers on one database, and what stands before them: whoever of the two takes a connection gets it. */
async function startBehindProxy() {
  const schema = await scratchSchema()
  schemas.push(schema)
  const storage = `${schema.url}?schema=${schema.schema}`
  const args = [
    '--storage',
    storage,
    '--keys',
    join(scratchFolder(), 'keys.json'),
    '--no-rate-limit',
    '--free-moves',
    'any',
  ]
  const servers = await Promise.all([serve(...args), serve(...args)])
  const ports = servers.map(({ line }) => new URL(line.url).port)
  const proxy = new TcpProxy(ports.map(Number))
  await proxy.listen()
  proxies.push(proxy)
  return { servers, proxy, restart: (index: number) => serve(...args, '--port', ports[index] ?? '') }
}

/** What the kits' requests came to. */
interface Traffic {
  requests: number
  /** Tries that got no answer, or one that asks to come back. */
  retried: number
  operations: number
  failed: string[]
}

/** A kit whose requests are counted; `isAnswered` tells of its last one. */
function countedKit(options: Omit<LicenseKitOptions, 'fetch'>, traffic: Traffic) {
  let isAnswered = false
  const kit = createLicenseKit({
    ...options,
    async fetch(url, init) {
      if (init.method === 'GET') return fetch(url, init)
      traffic.requests++
      isAnswered = false
      const answer = await fetch(url, init).catch((error: unknown) => {
        traffic.retried++
        throw error
      })
      isAnswered = answer.status === 200
      if (!isAnswered) traffic.retried++
      return answer
    },
  })
  return { kit, isAnswered: () => isAnswered }
}

async function moreOperations(traffic: Traffic, count: number) {
  const goal = traffic.operations + count
  await vi.waitFor(() => expect(traffic.operations).toBeGreaterThanOrEqual(goal), { timeout: 30_000 })
}

describe('two servers restarted one after the other, under load', () => {
  it('fail no request of a kit but those it repeats by itself', async () => {
    const { servers, proxy, restart } = await startBehindProxy()
    const [first] = servers
    const line = first?.line as ServeLine
    const { keys } = (await (await fetch(line.jwks)).json()) as { keys: PublicJwk[] }
    const serverUrl = Object.assign(new URL(line.url), { port: String(proxy.port) }).href
    const licenseKey = await createKey(line, KITS)

    const traffic: Traffic = { requests: 0, retried: 0, operations: 0, failed: [] }
    let isOver = false
    const live = async (number: number) => {
      const { kit, isAnswered } = countedKit(
        {
          serverUrl,
          productId: line.productId,
          accessToken: line.publishableToken,
          trustedKeys: keys,
          appName: 'keyslot-rolling',
          hostId: `host-${number}`,
          dataDir: scratchFolder(),
        },
        traffic,
      )
      const operation = async (name: string, isDone: () => Promise<true | string>) => {
        traffic.operations++
        const done = await isDone().catch((error: unknown) => String(error))
        if (done !== true || !isAnswered()) traffic.failed.push(`${name}: ${done}`)
      }
      while (!isOver) {
        await operation('activate', async () => isIt('valid', (await kit.activate(licenseKey)).status))
        for (let turn = 0; turn < 3; turn++) {
          await operation('refresh', async () => isIt('valid', (await kit.refresh()).status))
        }
        await operation('deactivate', async () => isIt('freed', (await kit.deactivate()).outcome))
      }
    }
    const load = Promise.all(Array.from({ length: KITS }, (_, number) => live(number)))

    const running: RunningServer[] = []
    for (const [index, server] of servers.entries()) {
      await moreOperations(traffic, 50)
      expect(await server.stop()).toBe(0)
      running.push(await restart(index))
    }
    await moreOperations(traffic, 50)
    isOver = true
    await load

    console.info(`rolling restart: ${JSON.stringify({ ...traffic, failed: traffic.failed.length })}`)
    expect(traffic.failed).toEqual([])
    expect(await readKeyUse(running[0]?.line as ServeLine, licenseKey)).toEqual({ activations: 0, hostIds: [] })
    for (const server of running) expect(await server.stop()).toBe(0)
    for (const server of [...servers, ...running]) expect(server.stderr()).not.toMatch(/error/i)
  })
})

/** True, or what it is instead. */
function isIt(wanted: string, found: string): true | string {
  return found === wanted ? true : found
}
