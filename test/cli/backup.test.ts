import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { createLicenseKit, type LicenseKit, type PublicJwk } from 'keyslot/client'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keyslotIn, type RunningServer, serve } from './keyslot-process'
import { scratchFolder } from './scratch-folder'

interface Shop {
  readonly folder: string
  readonly server: RunningServer
  readonly licenseKey: string
  /** An app on a computer of its own. */
  readonly app: (hostId: string) => Promise<LicenseKit>
  readonly restarted: () => Promise<RunningServer>
}

let folder = ''

beforeEach(() => {
  vi.stubEnv('KEYSLOT_STORAGE', undefined)
  vi.stubEnv('KEYSLOT_KEYS', undefined)
  folder = scratchFolder()
})

afterEach(() => {
  vi.unstubAllEnvs()
})

const run = (...args: string[]) => keyslotIn(folder, ...args)

async function done<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args, '--json')
  expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' })
  return JSON.parse(stdout) as T
}

async function openShop(): Promise<Shop> {
  const storage = ['--storage', `sqlite:${join(folder, 'licenses.db')}`]
  const server = await serve(...storage)
  const { productId, publishableToken, jwks } = server.line
  const port = new URL(server.line.url).port
  const { keys } = (await (await fetch(jwks)).json()) as { keys: PublicJwk[] }
  const { key } = await done<{ key: string }>('license', 'create', '--max-activations', '5')
  const app = async (hostId: string) =>
    createLicenseKit({
      serverUrl: server.line.url,
      productId,
      accessToken: publishableToken,
      trustedKeys: keys,
      appName: 'acme-editor',
      dataDir: join(folder, 'apps', hostId),
      hostId: `host-${hostId}`,
    })
  return { folder, server, licenseKey: key, app, restarted: () => serve(...storage, '--port', port) }
}

const activationsIn = (file: string) => {
  const database = new Database(file, { readonly: true })
  try {
    return database.prepare('SELECT count(*) FROM activations').pluck().get()
  } finally {
    database.close()
  }
}

describe('a backup', () => {
  it('of a store under a running server holds all that was answered, and its keyring', async () => {
    const { server, licenseKey, app } = await openShop()
    for (const host of ['a', 'b', 'c']) await (await app(host)).activate(licenseKey)
    copyFileSync(join(folder, 'licenses.db'), join(folder, 'copied.db'))
    const made = await done('backup', 'nightly.db')
    expect(made).toMatchObject({ file: join(folder, 'nightly.db'), licenses: 1, activations: 3 })
    expect(activationsIn(join(folder, 'nightly.db'))).toBe(3)
    expect(() => activationsIn(join(folder, 'copied.db'))).toThrow(/no such table/)
    expect(readFileSync(join(folder, 'nightly.db.keys.json'), 'utf8')).toBe(
      readFileSync(join(folder, 'licensing-keys.json'), 'utf8'),
    )
    for (const name of ['nightly.db', 'nightly.db.keys.json']) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600)
    }
    expect(readdirSync(folder).filter((name) => name.startsWith('nightly'))).toHaveLength(2)
    await server.stop()

    // It is a store as it stands.
    const served = await serve('--storage', `sqlite:${join(folder, 'nightly.db')}`)
    expect(served.line.productId).toBe(server.line.productId)
    await served.stop()
  })

  it.each([
    ['a file that is there', [], /there is a file nightly\.db; add --replace/],
    [
      'a keyring that is missing',
      ['--replace', '--keys', 'none.json'],
      /there is no keyring in none\.json.+--no-keyring/,
    ],
    ['a keyring of another store', ['--replace', '--keys', 'other.json'], /other\.json does not hold the key/],
  ])('does not go over %s', async (_, args, message) => {
    await done('product', 'create', 'Acme')
    await run('product', 'create', 'Other', '--storage', 'sqlite:other.db', '--keys', 'other.json')
    writeFileSync(join(folder, 'nightly.db'), 'of yesterday')
    expect(await run('backup', 'nightly.db', ...args)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(message),
    })
    expect(readFileSync(join(folder, 'nightly.db'), 'utf8')).toBe('of yesterday')
    expect(readdirSync(folder)).not.toContain('nightly.db.partial')
  })

  it('replaces an earlier one, and leaves the keyring out when told', async () => {
    await done('product', 'create', 'Acme')
    await done('backup', 'nightly.db', '--no-keyring')
    expect(readdirSync(folder)).toEqual(['licenses.db', 'licensing-keys.json', 'nightly.db'])
    await done('license', 'create')
    expect(await done('backup', 'nightly.db', '--replace')).toMatchObject({ licenses: 1 })
  })

  it('of PostgreSQL is somebody else’s', async () => {
    const refused = await run('backup', 'x.db', '--storage', 'postgres://u:hunter2@127.0.0.1:1/x')
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('pg_dump') })
    expect(refused.stderr).not.toContain('hunter2')
  })
})

describe('the drill: the disk is lost, and last night’s backup is all there is', () => {
  it.each(['the store', 'the store and the keyring'])('%s', async (lost) => {
    const { server, licenseKey, app, restarted } = await openShop()
    const [before, after] = [await app('before'), await app('after')]
    await before.activate(licenseKey)
    await done('backup', 'nightly.db')
    await after.activate(licenseKey)
    await server.stop()
    for (const name of readdirSync(folder).filter((name) => /^licenses\.db/.test(name))) rmSync(join(folder, name))
    if (lost.endsWith('keyring')) rmSync(join(folder, 'licensing-keys.json'))

    const restored = await done('restore', 'nightly.db')
    const kind = lost.endsWith('keyring') ? 'restored' : 'kept'
    expect(restored).toMatchObject({ keyring: { kind }, licenses: 1, activations: 1, replaced: null })
    const again = await restarted()
    for (const app of [before, after]) {
      expect(await app.refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'OK' } })
    }
    await again.stop()
    expect(activationsIn(join(folder, 'licenses.db'))).toBe(2)
  })
})

describe('a license that was sold after the backup', () => {
  it('is sold again under the key that its buyer has, and the app that uses it comes back', async () => {
    const { server, app, restarted } = await openShop()
    await done('backup', 'nightly.db')
    const { key } = await done<{ key: string }>('license', 'create')
    const kit = await app('buyer')
    await kit.activate(key)
    await server.stop()
    await done('restore', 'nightly.db', '--replace')
    const again = await restarted()
    expect(await kit.refresh()).toMatchObject({ usable: true, lastContact: { code: 'LICENSE_NOT_FOUND' } })
    expect(await done('license', 'create', '--key', key)).toMatchObject({ key })
    expect(await kit.refresh()).toMatchObject({ status: 'valid', lastContact: { code: 'OK' } })
    await again.stop()
  })
})

describe('restoring', () => {
  it('keeps the store that is there under another name, with what its log still holds', async () => {
    const { server, licenseKey, app } = await openShop()
    await done('backup', 'nightly.db')
    await (await app('a')).activate(licenseKey)
    server.signal('SIGKILL')
    await server.ended
    expect(await run('restore', 'nightly.db')).toMatchObject({ code: 1, stderr: expect.stringContaining('--replace') })
    const { replaced } = await done<{ replaced: string }>('restore', 'nightly.db', '--replace')
    expect(activationsIn(replaced)).toBe(1)
    expect(activationsIn(join(folder, 'licenses.db'))).toBe(0)
  })

  it('touches nothing under a running server', async () => {
    const { server, licenseKey, app } = await openShop()
    await done('backup', 'nightly.db')
    await (await app('a')).activate(licenseKey)
    expect(await run('restore', 'nightly.db', '--replace')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is in use: stop its server first'),
    })
    await (await app('b')).activate(licenseKey)
    await server.stop()
    expect(activationsIn(join(folder, 'licenses.db'))).toBe(2)
    expect(readdirSync(folder)).not.toContain('licenses.db.partial')
  })

  it.each([
    ['a damaged one', (file: string) => writeFileSync(file, damaged(readFileSync(file))), /damaged|malformed/],
    ['half of one', (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 9_000)), /damaged|malformed/],
    ['a text', (file: string) => writeFileSync(file, 'x'.repeat(5_000)), /not a SQLite database/],
    [
      'a database of another program',
      (file: string) => {
        rmSync(file)
        new Database(file).exec('CREATE TABLE x (y)').close()
      },
      /another program/,
    ],
    ['one whose keyring is lost', () => rmSync(join(folder, 'nightly.db.keys.json')), /no keyring in .+ none beside/],
  ])('refuses %s, and leaves the store as it is', async (_, harm, message) => {
    await done('product', 'create', 'Acme')
    await done('backup', 'nightly.db')
    rmSync(join(folder, 'licensing-keys.json'))
    harm(join(folder, 'nightly.db'))
    const before = readFileSync(join(folder, 'licenses.db'))
    const refused = await run('restore', 'nightly.db', '--replace')
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(message) })
    expect(readFileSync(join(folder, 'licenses.db'))).toEqual(before)
    expect(existsSync(join(folder, 'licensing-keys.json'))).toBe(false)
  })
})

/** One page of it overwritten. */
function damaged(content: Buffer): Buffer {
  return Buffer.concat([content.subarray(0, 8_192), Buffer.alloc(4_096, 7), content.subarray(12_288)])
}
