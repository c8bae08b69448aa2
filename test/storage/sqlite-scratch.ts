import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Storage } from '../../src/storage/contract'
import { sqliteStorage } from '../../src/storage/sqlite'
import { SCHEMA } from '../../src/testing/tables'

/** Folders and handles of one test, gone after it. */
export function createRowScratch() {
  const folders: string[] = []
  const handles: Storage[] = []

  afterEach(async () => {
    for (const storage of handles.splice(0)) await storage.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  return {
    file(): string {
      const folder = mkdtempSync(join(tmpdir(), 'keyslot-rows-'))
      folders.push(folder)
      return join(folder, 'rows.db')
    },
    /** Opens it, with the tables of the kit. */
    async open(file: string): Promise<Storage> {
      const storage = sqliteStorage({ file })
      handles.push(storage)
      await storage.open(SCHEMA)
      return storage
    },
  }
}
