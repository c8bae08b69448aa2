/**
 * Plays every client, dates those that work, and writes docs/vendor-clients.md. Prints where one stumbles; its date stays.
 * Usage: npm run write:vendors-page
 */
import { writeFileSync } from 'node:fs'
import { CLIENTS } from './clients'
import { keepLastSeen, lastSeen } from './last-seen'
import { openShop } from './open-shop'
import { play, told } from './play'
import { PAGE, vendorsPage } from './vendors-page'

const today = new Date().toISOString().slice(0, 10)
const before = lastSeen()
const seen: Record<string, string> = {}
for (const client of CLIENTS) {
  const { url, shop, close } = await openShop()
  try {
    const stumbles = await play(client, url, shop)
    for (const stumble of stumbles) console.error(told(stumble))
    seen[client.id] = stumbles.length === 0 ? today : (before[client.id] ?? 'never')
  } finally {
    await close()
  }
}
keepLastSeen(seen)
writeFileSync(PAGE, vendorsPage(CLIENTS, seen))
