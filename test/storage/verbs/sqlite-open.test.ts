import { existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { openFile } from '../../../src/storage/sqlite/open-file'
import { APPLICATION_ID, SCHEMA_VERSION } from '../../../src/storage/sqlite/schema'
import { sqliteStorage } from '../../../src/storage/sqlite'
import { asDriverError, loadDriver } from '../../../src/storage/sqlite/driver'
import { ROW_TABLES } from '../../../src/storage/tables'
import { ACCOUNT, claim, NOW, sell } from './kit/entities'
import { createScratch } from './sqlite-scratch'

const scratch = createScratch()

describe('a connection', () => {
  it('is durable, on the first and on every later open', async () => {
    const file = scratch.file()
    for (const _open of ['first', 'second', 'third']) {
      const database = await openFile(file, ROW_TABLES, 0)
      const pragmas = ['journal_mode', 'synchronous', 'application_id', 'user_version']
      expect(pragmas.map((name) => database.pragma(name, { simple: true }))).toEqual([
        'wal',
        2,
        APPLICATION_ID,
        SCHEMA_VERSION,
      ])
      database.close()
    }
  })

  it.skipIf(process.platform === 'win32')('keeps a new file to its owner, the log beside it too', async () => {
    const file = scratch.file()
    await scratch.open(file)
    for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('leaves one file once closed', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    await storage.close()
    expect([existsSync(file), existsSync(`${file}-wal`)]).toEqual([true, false])
  })
})

describe('opening refuses', () => {
  it('a folder that does not exist', async () => {
    const folder = join(dirname(scratch.file()), 'missing')
    await expect(sqliteStorage({ file: join(folder, 'licenses.db') }).open()).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: `The folder for the SQLite database does not exist: ${folder}`,
    })
  })

  it('the database of another program, and leaves it alone', async () => {
    const file = scratch.file()
    const foreign = new Database(file)
    foreign.exec('CREATE TABLE songs (title TEXT)')
    foreign.close()
    await expect(sqliteStorage({ file }).open()).rejects.toMatchObject({ code: 'STORAGE_INCOMPATIBLE' })
    const after = new Database(file)
    expect(after.pragma('journal_mode', { simple: true })).toBe('delete')
    after.close()
  })

  it('a file that is no database', async () => {
    const file = scratch.file()
    writeFileSync(file, 'licenses, customers, products\n'.repeat(200))
    await expect(sqliteStorage({ file }).open()).rejects.toMatchObject({ code: 'STORAGE_INCOMPATIBLE' })
  })

  it('the schema of a newer keyslot', async () => {
    const file = scratch.file()
    const database = await openFile(file, ROW_TABLES, 0)
    database.pragma(`user_version = ${SCHEMA_VERSION + 1}`)
    database.close()
    await expect(sqliteStorage({ file }).open()).rejects.toMatchObject({
      code: 'STORAGE_INCOMPATIBLE',
      message: expect.stringContaining('newer keyslot'),
    })
  })

  it('options that make no sense', () => {
    expect(() => sqliteStorage({ file: '' })).toThrow(TypeError)
    expect(() => sqliteStorage({ file: 'a.db', busyTimeoutMs: Number.NaN })).toThrow(TypeError)
  })

  it('to go on without the driver, naming the install command', async () => {
    const missing = Promise.reject(Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' }))
    await expect(loadDriver(() => missing)).rejects.toMatchObject({
      code: 'PEER_MISSING',
      message: expect.stringMatching(/npm install better-sqlite3@12$/),
    })
    const uncompiled = new Error('Could not locate the bindings file. Tried: …')
    expect(asDriverError(uncompiled)).toMatchObject({ code: 'PEER_MISSING' })
    expect(asDriverError(Object.assign(new Error('ABI'), { code: 'ERR_DLOPEN_FAILED' }))).toMatchObject({
      code: 'PEER_MISSING',
      message: expect.stringContaining('npm rebuild better-sqlite3'),
    })
  })
})

describe('a handle', () => {
  it('rejects every verb before open and after close, and says why', async () => {
    const storage = sqliteStorage({ file: ':memory:' })
    const verbs = [
      () => storage.ping(),
      () => storage.insertAccount(ACCOUNT),
      () => storage.touchActivation(ACCOUNT.id, 'lic_one', 'host', { lastSeenAt: NOW, tokensEndAt: NOW }),
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
    const storage = sqliteStorage({ file: ':memory:' })
    await Promise.all([storage.open(), storage.open()])
    await storage.insertAccount(ACCOUNT)
    await storage.open()
    expect(await storage.findAccount(ACCOUNT.id)).toEqual(ACCOUNT)
    await storage.close()
  })
})
