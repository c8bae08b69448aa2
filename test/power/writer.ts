/**
 * A process that writes sets to a store, and says `promised NUMBERS` on its output once a write has resolved: one after
 * another and in batches, through checkpoints of each kind, closed and opened again.
 *
 * Arguments: the file, and what `PRAGMA synchronous` is set to. With `FULL` the storage is as it comes.
 */
import { writeSync } from 'node:fs'
import Driver from 'better-sqlite3'
import type { Storage } from '../../src/storage/contract'
import { sqliteStorage } from '../../src/storage/sqlite'
import { repeat, store } from '../../src/testing/asking'
import { SCHEMA } from '../../src/testing/tables'
import { FIRST_SET, setAlone, setInBatch } from './sets'

const STANDARD_OUTPUT = 1
const BATCH = 8
const SMALL = 10
/** 50 pages of 4 KB: 90 such sets are more than the 4,000 pages at which the storage's own checkpoint comes. */
const LARGE = 200_000

const [file = '', synchronous = 'FULL'] = process.argv.slice(2)
let sets = 0
let revision = 1

/** Makes the storage one that syncs less than ours. */
function syncLess(): void {
  const { pragma } = Driver.prototype
  Driver.prototype.pragma = function (source, options) {
    return pragma.call(this, source.replace('synchronous = FULL', `synchronous = ${synchronous}`), options)
  }
}

function promise(numbers: readonly number[]): void {
  writeSync(STANDARD_OUTPUT, `promised ${numbers.join(' ')}\n`)
}

async function writeAlone(storage: Storage, count: number, length = SMALL): Promise<void> {
  for (let written = 0; written < count; written++) {
    await store(storage, setAlone(++sets, revision++, length))
    promise([sets])
  }
}

async function writeBatches(storage: Storage, count: number): Promise<void> {
  for (let written = 0; written < count; written++) {
    const numbers = repeat(BATCH, () => ++sets)
    await storage.write(numbers.map(setInBatch))
    promise(numbers)
  }
}

/** By a connection of its own, as a backup or an administrator has. */
function checkpoint(kind: 'PASSIVE' | 'FULL' | 'RESTART' | 'TRUNCATE'): void {
  const database = new Driver(file)
  database.pragma(`synchronous = ${synchronous}`)
  database.pragma(`wal_checkpoint(${kind})`)
  database.close()
}

async function opened(): Promise<Storage> {
  const storage = sqliteStorage({ file })
  await storage.open(SCHEMA)
  return storage
}

if (synchronous !== 'FULL') syncLess()
let storage = await opened()
await store(storage, FIRST_SET)
for (const kind of ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'] as const) {
  await writeAlone(storage, 15)
  await writeBatches(storage, 5)
  checkpoint(kind)
}
await writeAlone(storage, 15)
await storage.close()

storage = await opened()
// A storage that syncs less is a control: it need not write as much.
if (synchronous === 'FULL') await writeAlone(storage, 90, LARGE)
await writeAlone(storage, 15)
await writeBatches(storage, 5)
await storage.close()

storage = await opened()
await writeAlone(storage, 15)
await storage.close()
