import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createLicensing, loadKeyring } from 'keyslot/server'
import { sqliteStorage } from 'keyslot/storage/sqlite'
import { describe, expect, it } from 'vitest'
import { PLAIN_MOUNT } from '../server/http/actions'
import { AES_KEY, createApp, PACKAGE_TOKEN } from '../server/http/authtool-app'
import { startFixture } from '../server/http/harness'
import { keyslot, keyslotJson } from './keyslot-process'
import { scratchFolder, scratchStore } from './scratch-folder'

interface ProductJson {
  readonly id: string
  readonly authtoolClient: Readonly<Record<string, unknown>> | null
}

/** What an app hears from a server on the store of this file. */
async function serving<T>(file: string, work: (app: ReturnType<typeof createApp>) => Promise<T>): Promise<T> {
  const keyring = await loadKeyring(`${file}.keys.json`)
  const fixture = await startFixture(PLAIN_MOUNT, { storage: sqliteStorage({ file }), keyring, now: () => new Date() })
  try {
    return await work(createApp(fixture))
  } finally {
    await fixture.close()
  }
}

describe('keyslot product update --authtool-client', () => {
  it('takes token and key from a file, shows neither, and switches it off', async () => {
    const { file, args: store } = scratchStore()
    const created = await keyslotJson<ProductJson>('product', 'create', ...store, 'Editor')
    expect(created.authtoolClient).toBeNull()
    const client = join(scratchFolder(), 'client.json')
    writeFileSync(client, JSON.stringify({ token: PACKAGE_TOKEN, aesKey: AES_KEY, version: '2.0' }))
    const update = (...more: string[]) => keyslot('product', 'update', '1', ...store, ...more)
    const texts = [await update('--authtool-client', client), await update('--authtool-client', client, '--json')]
    texts.push(await keyslot('product', 'list', ...store), await keyslot('product', 'list', ...store, '--json'))
    texts.push(await keyslot('events', 'list', ...store, '--json'))
    const [shown, json] = texts.map(({ stdout }) => stdout)
    expect(shown).toMatch(/^AuthTool apps +served, running, gcm$/m)
    expect(JSON.parse(json ?? '').authtoolClient).toEqual({
      mode: 'gcm',
      status: 'running',
      version: '2.0',
      updateNote: '',
      downloadUpdateLink: '',
      contactUrl: '',
      isNeedKey: true,
    })
    for (const { code, stdout, stderr } of texts) {
      expect(code).toBe(0)
      for (const secret of [PACKAGE_TOKEN, AES_KEY, 'sealedKey', 'tokenHash'])
        expect(stdout + stderr).not.toContain(secret)
    }
    expect((await serving(file, (app) => app.package())).said).toMatchObject({ name: 'Editor', version: '2.0' })
    expect((await update('--authtool-client', 'none')).stdout).toMatch(/^AuthTool apps +not served$/m)
    expect((await serving(file, (app) => app.package())).status).toBe(404)
  })

  it('says what is wrong with a file without quoting it', async () => {
    const { args: store } = scratchStore()
    await keyslotJson('product', 'create', ...store, 'Editor')
    const client = join(scratchFolder(), 'client.json')
    const update = (file: string) => keyslot('product', 'update', '1', ...store, '--authtool-client', file)
    for (const [text, code, why] of [
      [`"${AES_KEY}"`, 2, 'must be a JSON object'],
      [`{"token": ${AES_KEY}`, 2, 'must be a JSON object'],
      [JSON.stringify({ token: PACKAGE_TOKEN }), 1, 'needs token and aesKey'],
      [JSON.stringify({ token: PACKAGE_TOKEN, aesKey: `${AES_KEY}x` }), 1, 'aesKey'],
    ] as const) {
      writeFileSync(client, text)
      const failed = await update(client)
      expect([failed.code, failed.stderr]).toEqual([code, expect.stringContaining(why)])
      expect(failed.stdout + failed.stderr).not.toContain(AES_KEY)
    }
    const missing = await update(`${client}.none`)
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('ENOENT')])
  })
})

describe('an export, imported into another store with the same keyring', () => {
  it('goes on serving the apps, and knows their devices; the file holds neither token nor key', async () => {
    const [before, after] = [scratchStore(), scratchStore()]
    const client = join(scratchFolder(), 'client.json')
    writeFileSync(
      client,
      JSON.stringify({ token: PACKAGE_TOKEN, aesKey: AES_KEY, mode: 'ecb', contactUrl: 'https://x' }),
    )
    await keyslotJson('product', 'create', ...before.args, 'Editor')
    await keyslotJson('product', 'update', '1', ...before.args, '--authtool-client', client)
    const { key } = await keyslotJson<{ key: string }>('license', 'create', ...before.args, '--product', '1')
    expect((await serving(before.file, (app) => app.login('device', key))).status).toBe(200)

    const { stdout } = await keyslot('export', ...before.args)
    for (const secret of [PACKAGE_TOKEN, AES_KEY]) expect(stdout).not.toContain(secret)
    const exported = join(scratchFolder(), 'export.jsonl')
    writeFileSync(exported, stdout)
    expect((await keyslot('import', exported, ...after.args)).code).toBe(0)
    expect((await keyslot('export', ...after.args)).stdout).toBe(stdout)
    copyFileSync(`${before.file}.keys.json`, `${after.file}.keys.json`)
    expect((await serving(after.file, (app) => app.check('device'))).said).toMatchObject({ status: 1, key })
  })

  it("knows devices that come from AuthTool by its mapping, and no others'", async () => {
    const { file, args: store } = scratchStore()
    const folder = scratchFolder()
    const [rows, plain] = [join(folder, 'authtool.jsonl'), join(folder, 'plain.jsonl')]
    const licensing = await createLicensing({
      storage: sqliteStorage({ file }),
      keyring: await loadKeyring(`${file}.keys.json`),
    })
    const { id } = await licensing.products.create({ name: 'Editor' })
    await licensing.products.update(id, { authtoolClient: { token: PACKAGE_TOKEN, aesKey: AES_KEY } })
    await licensing.close()
    const devices = [{ uid: 'live-device', activeAt: '2026-01-01T00:00:00.000Z' }]
    const detail = { activateLimit: 1, duration: 1, unit: 'year', expiredAt: '2040-01-01T00:00:00.000Z' }
    writeFileSync(rows, JSON.stringify({ code: 'LIVE-KEY-1', packageIds: [1], key: detail, devices }))
    const activations = [{ hostId: 'other-device' }]
    writeFileSync(plain, JSON.stringify({ kind: 'license', key: 'OTHER-KEY-1', product: 1, activations }))
    expect((await keyslot('import', '--map', 'authtool', rows, ...store)).code).toBe(0)
    expect((await keyslot('import', plain, ...store)).code).toBe(0)
    await serving(file, async (app) => {
      expect((await app.check('live-device')).said).toMatchObject({ status: 1, key: 'LIVE-KEY-1' })
      expect((await app.check('other-device')).status).toBe(404)
    })
  })
})
