import { describe, expect, it } from 'vitest'
import { createLicensing, loadKeyring } from '../../src/server'
import { sqliteStorage } from '../../src/storage/sqlite'
import { createStore } from '../../src/storage/verbs/create-store'
import { keyslot, keyslotJson } from './keyslot-process'
import { scratchStore } from './scratch-folder'

const DAY_MS = 86_400_000

interface Report {
  readonly purged: { readonly unseenHosts: number }
}

/** A store with a license on a host that was last seen a hundred days ago. */
async function abandonedStore() {
  const { file, args } = scratchStore()
  const storage = sqliteStorage({ file })
  const licensing = await createLicensing({
    storage,
    keyring: await loadKeyring(`${file}.keys.json`),
    now: () => new Date(Date.now() - 100 * DAY_MS),
    housekeepingSeconds: 0,
  })
  const product = await licensing.products.create({ name: 'Editor' })
  const { key } = await licensing.licenses.create({ productId: product.id, maxActivations: 1 })
  await licensing.licenses.sign(key, { productId: product.id, hostId: 'abandoned', ttlSeconds: 60 })
  // Housekeeping believes a clock that has gone on for 12 hours.
  await createStore(storage).judgeClock(new Date(Date.now() - DAY_MS / 2))
  await licensing.close()
  return { args, key }
}

describe('keyslot housekeeping', () => {
  it('frees hosts not seen for so many days, where it is told how many', async () => {
    const { args, key } = await abandonedStore()
    const run = async (...more: string[]) =>
      (await keyslotJson<Report>('housekeeping', ...args, ...more)).purged.unseenHosts
    expect(await run()).toBe(0)
    expect(await run('--free-unseen-days', '101')).toBe(0)
    expect(await run('--free-unseen-days', '99')).toBe(1)
    const { stdout } = await keyslot('license', 'show', key, ...args)
    expect(stdout).not.toContain('abandoned')
    const told = await keyslot('housekeeping', ...args, '--free-unseen-days', '99')
    expect(told).toMatchObject({ code: 0, stdout: expect.stringContaining('Freed: 0 hosts') })
  })

  it('takes no time that is none', async () => {
    const { args } = scratchStore()
    const { code, stderr } = await keyslot('housekeeping', ...args, '--free-unseen-days', '0')
    expect(code).not.toBe(0)
    expect(stderr).toContain('--free-unseen-days')
  })
})
