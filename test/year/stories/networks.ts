import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Network } from '../networks'
import { mainComputer } from '../payer'
import type { Life, Story } from '../story'
import { DAY } from '../time'
import { onNetwork, undoneNextDay } from './for-a-while'

const on = (network: Network, days: number) => (life: Life) => onNetwork(life, network, days)

/** What becomes of networks, and of what a license is worth to its vendor. */
export const NETWORK_STORIES: readonly Story[] = [
  { name: 'a week offline', says: 'Nobody notices.', boundDays: 0, perYear: 1, play: on('offline', 7) },
  {
    name: 'three weeks offline without a word',
    says: 'License token and grace last for 14 days after the last renewal at least.',
    boundDays: 7,
    perYear: 0.3,
    play: on('offline', 21),
  },
  {
    name: 'a month at sea, with a license file',
    says: 'The vendor signs a file for two months before it goes out.',
    boundDays: 0,
    perYear: 0.3,
    async play(life) {
      const { payer, vendor } = life
      const computer = mainComputer(payer)
      const { hostId } = await computer.open().hostId()
      const terms = { productId: vendor.product.id, hostId, ttlSeconds: (60 * DAY) / 1000 }
      const file = join(payer.surroundings.root, `${payer.name}.lic`)
      await mkdir(payer.surroundings.root, { recursive: true })
      const signed = await vendor
        .licensing()
        .licenses.sign(payer.key, terms)
        .catch(() => undefined)
      // A computer without a slot gets no file: somebody moves the license there first, and stays ashore.
      if (signed === undefined) return
      await writeFile(file, JSON.stringify(signed))
      await computer.open().importLicenseFile(file)
      onNetwork(life, 'offline', 30)
    },
  },
  { name: 'a portal', says: 'It answers all, for three days.', boundDays: 0, perYear: 0.5, play: on('portal', 3) },
  {
    name: 'a proxy that strips headers',
    says: 'For ten days: what it alters is nobody’s no.',
    boundDays: 0,
    perYear: 0.3,
    play: on('stripping', 10),
  },
  {
    name: 'TLS inspection',
    says: 'A certificate that nobody trusts, for ten days.',
    boundDays: 0,
    perYear: 0.3,
    play: on('inspected', 10),
  },
  {
    name: 'a line that loses each answer',
    says: 'For two days: what the server has done is done.',
    boundDays: 0,
    perYear: 0.3,
    play: on('loses-answers', 2),
  },
  {
    name: 'a late renewal',
    says: 'The license lapses, and is paid for two days later: it is good at the next start.',
    boundDays: 0,
    perYear: 0.4,
    async play({ payer, vendor, time, after }) {
      const { licenses } = vendor.licensing()
      await licenses.update(payer.key, { expiresAt: time.date(3 * DAY) })
      after(3, () => {
        payer.entitled = false
      })
      after(5, async () => {
        await vendor.licensing().licenses.update(payer.key, { expiresAt: null })
        payer.entitled = true
      })
    },
  },
  {
    name: 'renewed in time',
    says: 'The app was closed meanwhile, and asks before it tells of an end.',
    boundDays: 0,
    perYear: 0.4,
    async play({ payer, vendor, time, after }) {
      await vendor.licensing().licenses.update(payer.key, { expiresAt: time.date(20 * DAY) })
      after(19, () => vendor.licensing().licenses.update(payer.key, { expiresAt: null }))
    },
  },
  {
    name: 'blocked by mistake',
    says: 'Unblocked the next day: it is good at the next start.',
    boundDays: 0,
    perYear: 0.2,
    play(life) {
      const { payer, vendor } = life
      const licenses = () => vendor.licensing().licenses
      return undoneNextDay(
        life,
        () => licenses().block(payer.key),
        () => licenses().unblock(payer.key),
      )
    },
  },
  {
    name: 'deleted, and made again under its key',
    says: 'A day later: it is activated again by itself.',
    boundDays: 0,
    perYear: 0.2,
    play(life) {
      const { key, seats } = life.payer
      const { vendor } = life
      const licenses = () => vendor.licensing().licenses
      const terms = { productId: vendor.product.id, maxActivations: seats, usersPerHost: 32, key }
      return undoneNextDay(
        life,
        () => licenses().delete(key),
        () => licenses().create(terms),
      )
    },
  },
]
