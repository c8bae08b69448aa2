// Longer than other files: one table of stories.

import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect } from 'vitest'
import type { Computer, Shown } from './apps'
import type { Shop } from './shop'

/** What happens to an app and its person, told with what they see. */
export interface Story {
  readonly name: string
  readonly play: (computer: Computer, shop: Shop) => Promise<void>
}

/** Long enough that a renewal is due, and the license token lives. */
const RENEWAL_IS_DUE = 8
/** The license token has ended, and grace runs. */
const IN_GRACE = 16
/** Token and grace are over. */
const AWAY = 22

function expectWork(shown: Shown, said = /./): void {
  expect(shown).toEqual({ usable: true, said: expect.stringMatching(said) })
}

function expectEnd(shown: Shown, said: RegExp): void {
  expect(shown).toEqual({ usable: false, said: expect.stringMatching(said) })
}

async function activate(computer: Computer, shop: Shop): Promise<void> {
  expectWork(await computer.run('activate', shop.key))
}

/** Days go by, for the computer and the vendor. */
function wait(computer: Computer, shop: Shop, days: number): void {
  computer.daysOn += days
  shop.wait(days)
}

/** The app is started, renews in the background, and is started again. */
async function startTwice(computer: Computer): Promise<Shown> {
  await computer.run('start')
  return await computer.run('start')
}

const duringFaults = (['500', 'hanging', 'portal', 'nobody'] as const).map((weather) => ({
  name: `the server answers nothing useful for days: ${weather}`,
  async play(computer: Computer, shop: Shop) {
    await activate(computer, shop)
    wait(computer, shop, IN_GRACE)
    shop.weather = weather
    expectWork(await computer.run('start'), /could not be confirmed online lately. Please connect/)
    shop.weather = 'well'
    // It has renewed in the background by its end.
    if (weather === 'nobody') expect((await startTwice(computer)).said).not.toMatch(/could not be confirmed/)
  },
}))

const noKeyGetsThrough = (['500', 'portal', 'nobody'] as const).map((weather) => ({
  name: `a license key is entered while the network is not well: ${weather}`,
  async play(computer: Computer, shop: Shop) {
    shop.weather = weather
    const said = weather === 'portal' ? /sign-in page of this network/ : /cannot be reached.*connection/
    expectEnd(await computer.run('activate', shop.key), said)
    shop.weather = 'well'
    await activate(computer, shop)
    expect(await shop.slotsTaken()).toBe(1)
  },
}))

export const STORIES: readonly Story[] = [
  {
    name: 'first start, a mistyped key, the right key',
    async play(computer, shop) {
      expectEnd(await computer.run('start'), /No license is activated on this computer/)
      expectEnd(await computer.run('activate', 'AAAAA-BBBBB-CCCCC-DDDDD'), /not valid for this product/)
      await activate(computer, shop)
      expectWork(await computer.run('start'))
      expect(await shop.slotsTaken()).toBe(1)
    },
  },
  {
    name: 'started offline',
    async play(computer, shop) {
      await activate(computer, shop)
      shop.weather = 'nobody'
      expectWork(await computer.run('start'))
    },
  },
  {
    name: 'three weeks away, then online',
    async play(computer, shop) {
      await activate(computer, shop)
      wait(computer, shop, AWAY)
      expectWork(await computer.run('start'))
    },
  },
  {
    name: 'three weeks away, offline, then online',
    async play(computer, shop) {
      await activate(computer, shop)
      wait(computer, shop, AWAY)
      shop.weather = 'nobody'
      expectEnd(await computer.run('start'), /not been confirmed online for too long. Please connect to the internet/)
      shop.weather = 'well'
      expectWork(await computer.run('start'))
      expect(await shop.slotsTaken()).toBe(1)
    },
  },
  ...duringFaults,
  ...noKeyGetsThrough,
  {
    name: 'the clock stands a year back, then right',
    async play(computer, shop) {
      await activate(computer, shop)
      computer.daysAhead = -365
      expectWork(await computer.run('start'))
      computer.daysAhead = 0
      expectWork(await computer.run('start'))
    },
  },
  {
    name: 'the clock jumps a year ahead, and back',
    async play(computer, shop) {
      await activate(computer, shop)
      computer.daysAhead = 365
      shop.weather = 'nobody'
      const ahead = await computer.run('start')
      // Where the system does not name its boots, the jump looks like a year without the app.
      if (process.platform === 'linux') expectWork(ahead)
      else expectEnd(ahead, /connect to the internet/)
      computer.daysAhead = 0
      shop.weather = 'well'
      expectWork(await computer.run('start'))
    },
  },
  {
    name: 'the stored license is damaged',
    async play(computer, shop) {
      await activate(computer, shop)
      const file = path.join(computer.dataDir, 'license.json')
      await writeFile(file, (await readFile(file, 'utf8')).slice(0, 100))
      expectEnd(await computer.run('start'), /damaged. Please activate again/)
      await activate(computer, shop)
      expect(await shop.slotsTaken()).toBe(1)
    },
  },
  {
    name: 'the folder cannot be written',
    async play(computer, shop) {
      // A container without machine id would have no name without its folder.
      await shop.configure({ hostId: 'this-computer' })
      computer.home = path.join(computer.home, 'a-file')
      await writeFile(computer.home, '')
      expectWork(await computer.run('activate', shop.key), /cannot be stored on this computer/)
      expectEnd(await computer.run('start'), /No license is activated/)
      await rm(computer.home)
      await activate(computer, shop)
      expectWork(await computer.run('start'))
      expect(await shop.slotsTaken()).toBe(1)
    },
  },
  {
    name: 'the disk is full while the license is renewed',
    async play(computer, shop) {
      await activate(computer, shop)
      wait(computer, shop, RENEWAL_IS_DUE)
      computer.under = NOTHING_CAN_BE_WRITTEN
      expectWork(await startTwice(computer))
      computer.under = []
      expectWork(await startTwice(computer))
    },
  },
  {
    name: 'blocked, then unblocked',
    async play(computer, shop) {
      await activate(computer, shop)
      await shop.licensing.licenses.block(shop.key)
      wait(computer, shop, RENEWAL_IS_DUE)
      expectEnd(await startTwice(computer), /no longer valid|blocked by the vendor/)
      await shop.licensing.licenses.unblock(shop.key)
      expectWork(await computer.run('start'))
    },
  },
  {
    name: 'expired, and renewed a minute late',
    async play(computer, shop) {
      await shop.sell(new Date(shop.now().getTime() + 86_400_000))
      await activate(computer, shop)
      wait(computer, shop, 1 + 30 / 86_400)
      expectEnd(await computer.run('start'), /license has expired/)
      wait(computer, shop, 30 / 86_400)
      const expiresAt = new Date(shop.now().getTime() + 365 * 86_400_000)
      await shop.licensing.licenses.update(shop.key, { expiresAt })
      expectWork(await computer.run('start'))
    },
  },
  {
    name: 'deleted, and there again',
    async play(computer, shop) {
      await shop.backUp()
      await activate(computer, shop)
      await shop.licensing.licenses.delete(shop.key)
      wait(computer, shop, RENEWAL_IS_DUE)
      expectEnd(await startTwice(computer), /not valid for this product/)
      await shop.restore()
      expectWork(await computer.run('start'))
      expect(await shop.slotsTaken()).toBe(1)
    },
  },
  {
    name: 'the server was restored from a backup of before',
    async play(computer, shop) {
      await shop.backUp()
      await activate(computer, shop)
      await shop.restore()
      wait(computer, shop, RENEWAL_IS_DUE)
      expectWork(await startTwice(computer))
      expect(await shop.slotsTaken()).toBe(1)
    },
  },
  {
    name: 'activated twice at once',
    async play(computer, shop) {
      const both = await Promise.all([computer.run('activate', shop.key), computer.run('activate', shop.key)])
      for (const shown of both) expectWork(shown)
      expectWork(await computer.run('start'))
      expect(await shop.slotsTaken()).toBe(1)
    },
  },
  {
    name: 'killed in the middle of activation',
    async play(computer, shop) {
      const granted = new Promise<void>((resolve) => {
        shop.onActivated = resolve
      })
      const { child, shown } = await computer.launch('activate', shop.key)
      await granted
      child.kill('SIGKILL')
      await shown
      expectEnd(await computer.run('start'), /No license is activated/)
      await activate(computer, shop)
      expect(await shop.slotsTaken()).toBe(1)
    },
  },
  {
    name: 'uninstalled, and installed again',
    async play(computer, shop) {
      await activate(computer, shop)
      expect(await computer.run('uninstall')).toEqual({ usable: true, said: '' })
      expect(await shop.slotsTaken()).toBe(0)
      expectEnd(await computer.run('start'), /No license is activated/)
      await activate(computer, shop)
    },
  },
  {
    name: 'uninstalled offline',
    async play(computer, shop) {
      await activate(computer, shop)
      shop.weather = 'nobody'
      expect(await computer.run('uninstall')).toEqual({ usable: true, said: '' })
      shop.weather = 'well'
      await activate(computer, shop)
      expect(await shop.slotsTaken()).toBe(1)
    },
  },
]

/** The process may write pipes, and no file. */
const NOTHING_CAN_BE_WRITTEN = ['sh', '-c', 'ulimit -f 0; exec "$@"', 'sh']
