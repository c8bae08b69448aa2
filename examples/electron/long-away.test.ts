import { createLicenseKit } from 'keyslot/client'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { resetElectron } from './fake-electron'
import { openShop, type Shop } from './fake-shop'
import { watchLicense } from './license-watch'

vi.mock('electron', async () => (await import('./fake-electron')).electron)

const THREE_WEEKS_MS = 22 * 86_400_000

let shop: Shop

beforeEach(async () => {
  resetElectron()
  shop = await openShop()
})

afterEach(() => shop.close())

/** The app, activated three weeks ago and not started since. */
async function threeWeeksLater() {
  await createLicenseKit(shop.options).activate(shop.key)
  shop.wait(THREE_WEEKS_MS)
  return createLicenseKit({ ...shop.options, now: () => new Date(Date.now() + THREE_WEEKS_MS) })
}

it('opens the editor after three weeks away where it is online, and tells of no end', async () => {
  const told: string[] = []
  const watch = await watchLicense(await threeWeeksLater(), ({ status }) => told.push(status))
  expect(watch.view()).toMatchObject({ status: 'valid', usable: true })
  expect(told).toEqual([])
})

it('asks for the internet where it is offline', async () => {
  const kit = await threeWeeksLater()
  shop.goOffline()
  const watch = await watchLicense(kit, () => undefined)
  expect(watch.view()).toMatchObject({ status: 'expired', message: expect.stringContaining('internet') })
})
