import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { SqliteStorageOptions } from '../../../src/storage/sqlite'
import type { Store } from '../../../src/storage/verbs/store'
import { ACCOUNT } from './kit/entities'
import { sqliteStore } from './stores'

/** Folders and storages of one test, gone after it. */
export function createScratch() {
  const folders: string[] = []
  const storages: Store[] = []

  afterEach(async () => {
    for (const storage of storages.splice(0)) await storage.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  return {
    file(): string {
      const folder = mkdtempSync(join(tmpdir(), 'keyslot-sqlite-'))
      folders.push(folder)
      return join(folder, 'licenses.db')
    },
    /** Opens it, with the account `ACCOUNT`. */
    async open(file: string, options: Partial<SqliteStorageOptions> = {}): Promise<Store> {
      return this.opened(sqliteStore({ file, ...options }))
    },
    async opened(storage: Store): Promise<Store> {
      storages.push(storage)
      await storage.open()
      await storage.insertAccount(ACCOUNT)
      return storage
    },
  }
}

/** How many transactions the write-ahead log beside a database holds. */
export function committedTransactions(file: string): number {
  const log = readFileSync(`${file}-wal`)
  const frameSize = 24 + log.readUInt32BE(8)
  let commits = 0
  for (let at = 32; at + frameSize <= log.length; at += frameSize) {
    // A frame left over from before the log was started anew has another salt.
    const isCurrent = log.compare(log, 16, 24, at + 8, at + 16) === 0
    // The database's size in pages, written in the last frame of a transaction only.
    if (isCurrent && log.readUInt32BE(at + 4) !== 0) commits++
  }
  return commits
}
