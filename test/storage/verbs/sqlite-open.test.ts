import { describe, expect, it } from 'vitest'
import { ACCOUNT, claim, NOW, sell } from './kit/entities'
import { createScratch } from './sqlite-scratch'
import { sqliteStore } from './stores'

const scratch = createScratch()

describe('a store in SQLite', () => {
  it('rejects every verb before open and after close, and says why', async () => {
    const storage = sqliteStore({ file: ':memory:' })
    const verbs = [
      () => storage.ping(),
      () => storage.insertAccount(ACCOUNT),
      () => storage.listActivations(ACCOUNT.id, 'lic_one', { limit: 1 }),
      () => storage.resetLicense(ACCOUNT.id, { canonicalKey: 'K' }, { now: NOW }),
    ]
    const notOpen = { code: 'STORAGE_UNAVAILABLE', message: 'The sqlite storage is not open' }
    for (const verb of verbs) await expect(verb()).rejects.toMatchObject(notOpen)
    await storage.open()
    await storage.close()
    for (const verb of verbs) await expect(verb()).rejects.toMatchObject(notOpen)
  })

  it('finishes the steps under way when it is closed, and takes no new ones', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    const sale = await sell(storage)
    const claimed = claim(storage, sale, 'host-1')
    const closed = [storage.close(), storage.close()]
    await expect(claim(storage, sale, 'host-2')).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' })
    await expect(claimed).resolves.toMatchObject({ kind: 'created' })
    await Promise.all(closed)
    await storage.close()
    const again = await scratch.open(file)
    await expect(claim(again, sale, 'host-1')).resolves.toMatchObject({ kind: 'existing' })
  })

  it('opens once, however often it is asked to', async () => {
    const storage = sqliteStore({ file: ':memory:' })
    await Promise.all([storage.open(), storage.open()])
    await storage.insertAccount(ACCOUNT)
    await storage.open()
    expect(await storage.findAccount(ACCOUNT.id)).toEqual(ACCOUNT)
    await storage.close()
  })
})
