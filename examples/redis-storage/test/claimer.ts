/** One of several processes that claim the same slots. Started by races.test.ts; connected before it says `ready`. */
import { createClient } from 'redis'
import { redisStorage } from '../redis-storage'
import { claim, NOW, tally } from './scene'

const [how = '', url = '', prefix = '', name = '', claims = '0', limit = '0'] = process.argv.slice(2)
const hosts = Array.from({ length: Number(claims) }, (_, index) => `host-${name}-${index}`)

const client = createClient({ url })
await client.connect()
const storage = redisStorage({ url, prefix })
await storage.open()

/** The control: what everyone writes first. Counts, and if there is room, writes. */
async function claimNaively(hostId: string): Promise<{ readonly kind: string }> {
  const hosts = `${prefix}naive`
  if ((await client.hLen(hosts)) >= Number(limit)) return { kind: 'limit-reached' }
  await client.hSet(hosts, hostId, NOW.toISOString())
  return { kind: 'created' }
}

process.once('message', async () => {
  const outcomes = await Promise.all(hosts.map((host) => (how === 'naive' ? claimNaively(host) : claim(storage, host))))
  await storage.close()
  client.destroy()
  process.send?.(tally(outcomes), () => process.disconnect())
})
process.send?.('ready')
