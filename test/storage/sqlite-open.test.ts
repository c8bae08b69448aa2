import { existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { Tables } from '../../src/storage/contract'
import { sqliteStorage } from '../../src/storage/sqlite'
import { openFile } from '../../src/storage/sqlite/open-file'
import { APPLICATION_ID } from '../../src/storage/sqlite/schema'
import { insert, one, rowsOf, store } from '../../src/testing/asking'
import { link, SCHEMA, TABLES } from '../../src/testing/tables'
import { createRowScratch } from './sqlite-scratch'

const scratch = createRowScratch()

/** A file with the kit's tables, changed by hand. */
async function changedFile(change: (database: Database.Database) => void): Promise<string> {
  const file = scratch.file()
  await (await scratch.open(file)).close()
  const database = new Database(file)
  change(database)
  database.close()
  return file
}

const oneLine = (text: string) => expect.stringMatching(new RegExp(`^[^\\n]*${text}[^\\n]*$`))

async function refuses(file: string, message: string, tables: Tables = SCHEMA.tables) {
  await expect(sqliteStorage({ file }).open({ ...SCHEMA, tables })).rejects.toMatchObject({
    code: 'STORAGE_INCOMPATIBLE',
    message: oneLine(message),
  })
}

describe('a connection', () => {
  it('is durable, on the first and on every later open', async () => {
    const file = scratch.file()
    for (const _open of ['first', 'second']) {
      const database = await openFile(file, SCHEMA, 0)
      const pragmas = ['journal_mode', 'synchronous', 'application_id', 'user_version']
      const expected = ['wal', 2, APPLICATION_ID, SCHEMA.version]
      expect(pragmas.map((name) => database.pragma(name, { simple: true }))).toEqual(expected)
      database.close()
    }
  })

  it.skipIf(process.platform === 'win32')('keeps a new file to its owner, the log beside it too', async () => {
    const file = scratch.file()
    await scratch.open(file)
    for (const path of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('leaves one file once closed, and can be opened again', async () => {
    const file = scratch.file()
    const storage = await scratch.open(file)
    await store(storage, [insert('links', link('a'))])
    await storage.close()
    expect([existsSync(file), existsSync(`${file}-wal`)]).toEqual([true, false])
    await storage.open(SCHEMA)
    expect(await rowsOf(storage, one('links', 'a'))).toEqual([link('a')])
  })

  it('keeps columns that people can read', async () => {
    const file = scratch.file()
    await store(await scratch.open(file), [insert('links', link('a', 'b'))])
    const database = new Database(file, { readonly: true })
    expect(database.prepare('SELECT * FROM links').all()).toEqual([{ id: 'a', item: 'b', revision: 1 }])
    database.close()
  })
})

describe('opening refuses', () => {
  it('a folder that does not exist', async () => {
    const folder = join(dirname(scratch.file()), 'missing')
    await expect(sqliteStorage({ file: join(folder, 'rows.db') }).open(SCHEMA)).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: `The folder for the SQLite database does not exist: ${folder}`,
    })
  })

  it('the database of another program, and leaves it alone', async () => {
    const file = scratch.file()
    const foreign = new Database(file)
    foreign.exec('CREATE TABLE songs (title TEXT)')
    foreign.close()
    await refuses(file, 'is a database of another program')
    const after = new Database(file)
    expect(after.pragma('journal_mode', { simple: true })).toBe('delete')
    expect(after.prepare('SELECT name FROM sqlite_schema').pluck().all()).toEqual(['songs'])
    after.close()
  })

  it('a file that is no database', async () => {
    const file = scratch.file()
    writeFileSync(file, 'rows, columns, tables\n'.repeat(200))
    await refuses(file, 'is not a SQLite database')
  })

  it('the schema of a newer keyslot', async () => {
    const file = await changedFile((database) => database.pragma(`user_version = ${SCHEMA.version + 1}`))
    await refuses(file, 'was written by a newer keyslot')
  })

  it('the same version of the schema with other tables, columns, unique sets or orders', async () => {
    const file = await changedFile(() => undefined)
    const { links, ...others } = TABLES
    const changes: readonly Tables[] = [
      others,
      { ...TABLES, more: links },
      { ...others, links: { ...links, columns: { ...links.columns, more: { kind: 'text', optional: true } } } },
      { ...others, links: { ...links, columns: { ...links.columns, item: { kind: 'text', length: 100 } } } },
      { ...others, links: { ...links, unique: { item: ['item'] } } },
      { ...others, links: { ...links, orders: {} } },
    ]
    for (const tables of changes) await refuses(file, 'has other tables than this keyslot', tables)
  })

  it('a file of ours without the mark of its tables', async () => {
    const file = await changedFile((database) => database.exec('DROP TABLE keyslot_schema'))
    await refuses(file, 'is a database of another program')
  })

  it('nothing where the same tables are named in another order', async () => {
    const file = await changedFile(() => undefined)
    const reversed = (all: object) => Object.fromEntries(Object.entries(all).toReversed())
    const tables = Object.entries(TABLES).map(([name, table]) => [
      name,
      reversed({ ...table, columns: reversed(table.columns) }),
    ])
    const storage = sqliteStorage({ file })
    await storage.open({ ...SCHEMA, tables: reversed(Object.fromEntries(tables)) as Tables })
    await storage.close()
  })

  it('options that make no sense', () => {
    expect(() => sqliteStorage({ file: '' })).toThrow(TypeError)
    expect(() => sqliteStorage({ file: 'a.db', busyTimeoutMs: Number.NaN })).toThrow(TypeError)
  })
})

describe('a handle', () => {
  it('refuses before it is open and once it is closed, and says why', async () => {
    const storage = sqliteStorage({ file: ':memory:' })
    const calls = [() => storage.ping(), () => storage.read([]), () => storage.write([])]
    const notOpen = { code: 'STORAGE_UNAVAILABLE', message: 'The sqlite storage is not open' }
    for (const call of calls) await expect(call()).rejects.toMatchObject(notOpen)
    await storage.open(SCHEMA)
    await storage.close()
    for (const call of calls) await expect(call()).rejects.toMatchObject(notOpen)
  })

  it('writes nothing of a call that fails half way, and goes on', async () => {
    const storage = await scratch.open(':memory:')
    const fine = [insert('links', link('a'))]
    const faulty = [insert('links', { id: null, item: null, revision: 1 })]
    await expect(storage.write([fine, faulty])).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_NOTNULL' })
    await expect(storage.write([fine, [insert('nothing', link('b'))]])).rejects.toThrow('There is no table nothing')
    await expect(storage.read([one('links', 'a'), one('nothing', 'a')])).rejects.toThrow('There is no table nothing')
    expect(await rowsOf(storage, one('links', 'a'))).toEqual([])
    await store(storage, fine)
  })
})
