import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { cp, readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { runUninstall, type SecretStore } from '../../../src/client'
import { seal, unseal } from '../../../src/client/store/sealed-record'
import { createDesk } from '../desk'
import { temporaryDir } from '../temporary-dir'
import { DAY, LICENSE_KEY } from '../token-factory'

/** As Electron's `safeStorage`: bytes, synchronous, throwing while it is locked. */
function createKeyStore() {
  const key = randomBytes(32)
  const keyStore = { locked: false, opened: 0 }
  const assertOpen = () => {
    if (keyStore.locked) throw new Error('the key store is locked')
  }
  const secretStore: SecretStore = {
    encrypt(text) {
      assertOpen()
      const iv = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const body = Buffer.concat([cipher.update(text), cipher.final()])
      return Buffer.concat([iv, cipher.getAuthTag(), body])
    },
    decrypt(sealed) {
      assertOpen()
      keyStore.opened++
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12)).setAuthTag(sealed.subarray(12, 28))
      return Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString()
    },
  }
  return { keyStore, secretStore }
}

afterEach(() => vi.useRealTimers())

async function activated() {
  const { keyStore, secretStore } = createKeyStore()
  const desk = await createDesk({ secretStore })
  const kit = desk.start()
  expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid', persisted: true })
  const file = path.join(desk.dataDir, 'license.json')
  return { ...desk, kit, keyStore, secretStore, file, content: () => readFile(file, 'utf8') }
}

describe('with a secret store', () => {
  it('key, token and host are nowhere in the files, and every later start checks offline', async () => {
    const { start, server, dataDir, kit } = await activated()
    const [{ hostId }] = [await kit.hostId()]
    await server.close()
    for (const name of await readdir(dataDir)) {
      const text = await readFile(path.join(dataDir, name), 'utf8')
      for (const secret of [LICENSE_KEY, hostId, 'licenseToken', 'pk_']) expect(text).not.toContain(secret)
    }
    expect(await start().check()).toMatchObject({ status: 'valid', persisted: true })
  })

  it('is asked once, not at every check', async () => {
    const { start, keyStore } = await activated()
    const kit = start()
    keyStore.opened = 0
    for (let i = 0; i < 100; i++) await kit.check()
    expect(keyStore.opened).toBe(1)
  })

  it('may answer asynchronously, and in text', async () => {
    const secretStore: SecretStore = {
      encrypt: async (text) => `sealed ${Buffer.from(text).toString('hex')} ✓`,
      decrypt: async (sealed) => Buffer.from(sealed.toString().split(' ')[1] ?? '', 'hex').toString(),
    }
    const { start } = await createDesk({ secretStore })
    await start().activate(LICENSE_KEY)
    expect(await start().check()).toMatchObject({ status: 'valid' })
  })

  it('takes over a license stored without it, and seals it with the next renewal', async () => {
    const { start, dataDir } = await createDesk()
    await start().activate(LICENSE_KEY)
    const sealing = start({ secretStore: createKeyStore().secretStore })
    expect(await sealing.check()).toMatchObject({ status: 'valid' })
    expect(await sealing.refresh()).toMatchObject({ status: 'valid' })
    expect(await readFile(path.join(dataDir, 'license.json'), 'utf8')).not.toContain(LICENSE_KEY)
  })

  it('a refusal is readable without it: revoked stays revoked', async () => {
    const { start, server, keyStore } = await activated()
    server.blocked = true
    await start().refresh()
    keyStore.locked = true
    expect(await start().check()).toMatchObject({ status: 'revoked' })
    expect(await start({ secretStore: undefined }).check()).toMatchObject({ status: 'revoked' })
  })

  it('seals the key that a refusal keeps, with which the person who activates again is who they were', async () => {
    const { kit, server, content, start } = await activated()
    const [known] = server.proofs.keys.values()
    server.verdict = { code: 0, valid: false, reason: 'revoked' }
    await kit.refresh()
    expect(await content()).not.toContain(LICENSE_KEY)
    server.verdict = undefined
    await start().activate(LICENSE_KEY)
    expect([...server.proofs.keys.values()]).toEqual([known])
  })
})

describe('a secret store that does not open', () => {
  it('says so, leaves the file alone, and is asked again at the next check', async () => {
    const { start, keyStore, content } = await activated()
    const before = await content()
    keyStore.locked = true
    const kit = start()
    const refused = { status: 'not-activated', reason: 'CACHE_SEALED', usable: false }
    expect(await kit.check()).toMatchObject(refused)
    expect(await kit.refresh()).toMatchObject(refused)
    expect(await start({ secretStore: undefined }).check()).toMatchObject(refused)
    expect(await content()).toBe(before)
    keyStore.locked = false
    expect(await kit.check()).toMatchObject({ status: 'valid' })
  })

  it('another one, as on another computer: activating online works, and takes no second slot', async () => {
    const { start, server } = await activated()
    const kit = start({ secretStore: createKeyStore().secretStore })
    expect(await kit.check()).toMatchObject({ reason: 'CACHE_SEALED' })
    expect(await kit.activate(LICENSE_KEY)).toMatchObject({ status: 'valid', persisted: true })
    expect(server.activeHosts.size).toBe(1)
  })

  it.each<[string, SecretStore['encrypt']]>([
    ['throws', () => expect.fail('no key store here')],
    ['rejects', () => Promise.reject(new Error('no key store here'))],
    ['returns nothing', () => undefined as never],
  ])('and %s while sealing: the file is written as without it', async (_, encrypt) => {
    const { start, clock } = await createDesk({ secretStore: { encrypt, decrypt: () => expect.fail('locked') } })
    expect(await start().activate(LICENSE_KEY)).toMatchObject({ status: 'valid', persisted: true })
    clock.now = new Date(clock.now.getTime() + DAY * 1000)
    expect(await start().check()).toMatchObject({ status: 'valid', persisted: true })
  })

  it.each<[string, SecretStore['decrypt']]>([
    ['another text', () => 'something else'],
    ['no text', () => 7 as never],
  ])('but gives %s: a reason, no crash', async (_, decrypt) => {
    const { start, secretStore } = await activated()
    const check = await start({ secretStore: { ...secretStore, decrypt } }).check()
    expect(check).toMatchObject({ status: 'not-activated', reason: 'CACHE_SEALED' })
    expect(await start().check()).toMatchObject({ status: 'valid' })
  })

  it('and never answers: it has its time, then the kit goes on without it', async () => {
    const silent = { encrypt: () => new Promise<never>(() => {}), decrypt: () => new Promise<never>(() => {}) }
    const sealed = await seal('text', createKeyStore().secretStore)
    vi.useFakeTimers()
    const both = Promise.all([seal('text', silent), unseal(sealed, silent)])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await both).toEqual(['text', undefined])
  })
})

describe('an uninstaller', () => {
  it('frees the slot with the secret store', async () => {
    const { server, dataDir, secretStore } = await activated()
    const freed = { outcome: 'freed', persisted: true, exitCode: 0 }
    expect(await runUninstall({ appName: 'acme-editor', dataDir, secretStore })).toMatchObject(freed)
    expect(server.activeHosts.size).toBe(0)
    expect(await readdir(dataDir)).toEqual([])
  })

  it('without it, or while it is locked, leaves the license for the app that can open it', async () => {
    const { server, start, dataDir, secretStore, keyStore } = await activated()
    const backup = await temporaryDir()
    await cp(dataDir, backup, { recursive: true })
    keyStore.locked = true
    for (const known of [undefined, secretStore]) {
      const result = await runUninstall({ appName: 'acme-editor', dataDir, secretStore: known })
      expect(result).toMatchObject({ outcome: 'not-activated', exitCode: 0 })
    }
    expect(await readdir(dataDir)).toEqual(await readdir(backup))
    keyStore.locked = false
    expect(await start().deactivate()).toMatchObject({ outcome: 'freed' })
    expect(server.activeHosts.size).toBe(0)
  })
})

describe('the option', () => {
  it.each([7, null, {}, { encrypt: () => '' }])('refuses %j', async (secretStore) => {
    const { start } = await createDesk()
    expect(() => start({ secretStore: secretStore as never })).toThrow(TypeError)
  })
})
