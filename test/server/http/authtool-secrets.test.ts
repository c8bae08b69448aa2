import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { createKeyring, rotateKeyring } from 'keyslot/server'
import { memoryStorage, type Storage } from 'keyslot/storage'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { SCHEMA } from '../../../src/storage/tables'
import { scratchFolder } from '../../cli/scratch-folder'
import { makeKey, PLAIN_MOUNT } from './actions'
import { AES_KEY, createApp, PACKAGE_TOKEN, serveApps } from './authtool-app'
import { type Fixture, START, startFixture } from './harness'

/** The secrets as they are, and as somebody may write bytes down. */
const SECRETS = [AES_KEY, PACKAGE_TOKEN].flatMap((secret) => {
  const bytes = Buffer.from(secret)
  return [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')]
})

function expectNoSecret(text: string): void {
  expect(text.length).toBeGreaterThan(0)
  for (const secret of SECRETS) expect(text).not.toContain(secret)
}

/** Every row of every table. */
async function rowsOf(storage: Storage): Promise<string> {
  const queries = Object.keys(SCHEMA.tables).map((table) => ({ table, equal: [], limit: 10_000 }))
  return JSON.stringify(await storage.read(queries))
}

let fixture: Fixture
afterEach(() => fixture.close())

describe('package token and AES key', () => {
  it.each(['memory', 'SQLite'])('are read nowhere in the store, over %s', async (name) => {
    const file = join(scratchFolder(), 'store.db')
    fixture = await startFixture(PLAIN_MOUNT, {
      storage: name === 'memory' ? memoryStorage() : sqliteStorage({ file }),
    })
    await serveApps(fixture)
    const app = createApp(fixture)
    expect((await app.login('device', await makeKey(fixture))).status).toBe(200)
    expect((await app.check('device')).status).toBe(200)
    const rows = await rowsOf(fixture.storage)
    expect(rows).toContain('sealedKey')
    expectNoSecret(rows)
    if (name === 'memory') return
    for (const end of ['', '-wal']) expectNoSecret(await readFile(file + end, 'latin1'))
  })

  it('are in no answer of the in-process API, no event, no log and no error', async () => {
    fixture = await startFixture(PLAIN_MOUNT)
    const { licensing, productId } = fixture
    const authtoolClient = { token: PACKAGE_TOKEN, aesKey: AES_KEY }
    const told: unknown[] = [await licensing.products.update(productId, { authtoolClient })]
    const other = await licensing.products.create({ name: 'Other' })
    const fail = (changes: object) => licensing.products.update(other.id, changes).catch((error: unknown) => error)
    told.push(await fail({ authtoolClient }))
    told.push(await fail({ authtoolClient: { ...authtoolClient, aesKey: AES_KEY.slice(1) } }))
    told.push(await fail({ authtoolClient: { ...authtoolClient, toKen: PACKAGE_TOKEN } }))
    told.push(await licensing.products.get(productId), await licensing.products.list({ limit: 9 }))
    told.push(await licensing.events.list({}, { limit: 100 }), fixture.logged)
    const text = inspect(told, { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity })
    expect(text).toContain("fields: [ 'authtoolClient' ]")
    expectNoSecret(text)
  })

  it('are needed to switch it on, and the token is of one product; what is not given stays', async () => {
    fixture = await startFixture(PLAIN_MOUNT)
    const { licensing, productId } = fixture
    const update = (id: string, authtoolClient: object | null) => licensing.products.update(id, { authtoolClient })
    const refused = { code: 'INVALID_REQUEST', detail: { field: 'authtoolClient' } }
    for (const incomplete of [{}, { token: PACKAGE_TOKEN }, { aesKey: AES_KEY }, { version: '2' }]) {
      await expect(update(productId, incomplete)).rejects.toMatchObject(refused)
    }
    for (const malformed of [
      { token: '', aesKey: AES_KEY },
      { token: 'x', aesKey: 'short' },
      { token: 'x', aesKey: 'ü'.repeat(32) },
      { token: 'x', aesKey: AES_KEY, mode: 'ctr' },
    ]) {
      await expect(update(productId, malformed)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    }
    await serveApps(fixture, { version: '1' })
    const other = await licensing.products.create({ name: 'Other' })
    const taken = { code: 'INVALID_REQUEST', detail: { field: 'authtoolClient.token' } }
    await expect(update(other.id, { token: PACKAGE_TOKEN, aesKey: AES_KEY })).rejects.toMatchObject(taken)
    const { authtoolClient } = await update(productId, { isNeedKey: false })
    expect(authtoolClient).toMatchObject({ version: '1', isNeedKey: false, mode: 'gcm', status: 'running' })
    expect((await createApp(fixture).package()).said).toMatchObject({ version: '1', isNeedKey: false })
    expect((await update(productId, null)).authtoolClient).toBeNull()
    await update(other.id, { token: PACKAGE_TOKEN, aesKey: AES_KEY })
    expect((await createApp(fixture).package()).said).toMatchObject({ name: 'Other' })
  })

  it('open after the keyring was rotated; with another keyring the request fails, and the log says why', async () => {
    const file = join(scratchFolder(), 'store.db')
    const open = (options: object) => startFixture(PLAIN_MOUNT, { storage: sqliteStorage({ file }), ...options })
    const keyring = createKeyring(START)
    fixture = await open({ keyring })
    const { productId } = fixture
    await serveApps(fixture)
    await fixture.close()
    fixture = await open({ keyring: rotateKeyring(keyring, START) })
    expect((await createApp(fixture).package()).status).toBe(200)
    await fixture.close()
    fixture = await open({ adoptNewKeyring: true })
    const { status, said } = await createApp(fixture).package()
    expect([status, said]).toEqual([500, { message: 'Server error' }])
    expect(fixture.logged).toMatchObject([[expect.any(String), { code: 'KEYRING_MISMATCH' }]])
    expectNoSecret(inspect(fixture.logged))
    await serveApps({ licensing: fixture.licensing, productId })
    expect((await createApp(fixture).package()).status).toBe(200)
  })
})
