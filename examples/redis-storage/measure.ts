/**
 * Claims per second on a server of its own, with appendonly yes and appendfsync always: `npm run measure`.
 * One license for all claims, the same with ten thousand activations, and ten thousand licenses in turn. The last column
 * is what Redis spends on a claim: it does not depend on the disk.
 */
import { performance } from 'node:perf_hooks'
import { createClient } from 'redis'
import { redisStorage } from './redis-storage'
import { RedisServer } from './test/redis-server'
import { ACCOUNT, NOW, newActivation, newLicense, PRODUCT, sell } from './test/scene'

const LICENSES = 10_000
const SECONDS = 3

const server = await RedisServer.start()
const storage = redisStorage({ url: server.url })
await storage.open()
await sell(storage, { maxActivations: null })
const statistics = await createClient({ url: server.url }).connect()

let hosts = 0

function line(what: string, one: string, many: string, microseconds = ''): void {
  console.log(`${what.padEnd(44)} ${one.padStart(6)} ${many.padStart(6)} ${microseconds.padStart(8)}`)
}

/** How many claims a second, so many at a time. */
async function claimsPerSecond(inFlight: number, keyOf: (claim: number) => string): Promise<number> {
  const begin = performance.now()
  let claims = 0
  const claimer = async () => {
    while (performance.now() - begin < SECONDS * 1_000) {
      const target = { canonicalKey: keyOf(claims), productId: PRODUCT.id }
      claims += 1
      hosts += 1
      const { kind } = await storage.claimActivation(ACCOUNT.id, target, newActivation(`h1.${hosts}`), { now: NOW })
      if (kind !== 'created') throw new Error(`a claim was ${kind}`)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, claimer))
  return claims / ((performance.now() - begin) / 1_000)
}

try {
  const report = async (what: string, keyOf: (claim: number) => string) => {
    await statistics.sendCommand(['CONFIG', 'RESETSTAT'])
    const [one, many] = [await claimsPerSecond(1, keyOf), await claimsPerSecond(32, keyOf)]
    const commands = String(await statistics.sendCommand(['INFO', 'commandstats']))
    const microseconds = /cmdstat_evalsha:.*usec_per_call=([\d.]+)/.exec(commands)?.[1]
    line(what, one.toFixed(0), many.toFixed(0), microseconds)
  }
  line('claims per second, so many in flight:', '1', '32', 'µs each')
  await report('one license, few activations', () => 'KEY-ONE')
  while ((await storage.listActivations(ACCOUNT.id, 'lic_one', { limit: 1 })).total < 10_000) {
    await claimsPerSecond(32, () => 'KEY-ONE')
  }
  await report('one license, 10,000 activations and more', () => 'KEY-ONE')
  for (let first = 0; first < LICENSES; first += 500) {
    const licenses = Array.from({ length: 500 }, (_, index) =>
      newLicense(`m${first + index}`, { maxActivations: null }),
    )
    await storage.insertLicenses(ACCOUNT.id, { licenses }, { now: NOW })
  }
  await report(`a license of ${LICENSES.toLocaleString('en')} each`, (claim) => `KEY-M${claim % LICENSES}`)
} finally {
  statistics.destroy()
  await storage.close()
  await server.remove()
}
