/** Opens what a power cut has left, and compares it with what was promised. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Driver from 'better-sqlite3'
import type { Row, Storage } from '../../src/storage/contract'
import { sqliteStorage } from '../../src/storage/sqlite'
import { everything } from '../../src/testing/asking'
import { SCHEMA } from '../../src/testing/tables'
import { ALONE, LATEST, numberOf, remarkOf } from './sets'

export const STORE = 'store.db'

export interface Verdict {
  /** Sets that were promised and are not there; all of them where the store does not open or is damaged. */
  readonly lost: readonly number[]
  /** What is wrong with the store, other than sets that are lost. */
  readonly faults: readonly string[]
}

/** @param folder made for this, and removed */
export async function judge(
  folder: string,
  files: ReadonlyMap<string, Buffer>,
  promised: readonly number[],
): Promise<Verdict> {
  mkdirSync(folder)
  for (const [name, content] of files) writeFileSync(join(folder, name), content)
  const file = join(folder, STORE)
  const storage = sqliteStorage({ file })
  try {
    await storage.open(SCHEMA)
    const integrity = integrityOf(file)
    if (integrity !== 'ok') return { lost: promised, faults: [integrity] }
    return await compare(storage, promised)
  } catch (error) {
    return { lost: promised, faults: [String(error)] }
  } finally {
    await storage.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function integrityOf(file: string): string {
  const database = new Driver(file, { readonly: true })
  try {
    return String(database.pragma('integrity_check', { simple: true }))
  } finally {
    database.close()
  }
}

async function compare(storage: Storage, promised: readonly number[]): Promise<Verdict> {
  const [items = [], pairs = []] = await everything(storage)
  const sets = items.filter(({ id }) => numberOf(String(id)) !== undefined)
  const found = new Set(sets.map(({ id }) => numberOf(String(id))))
  const paired = new Set(pairs.map(({ left }) => numberOf(String(left))))
  const halves = [...new Set([...found, ...paired])].filter((number) => found.has(number) !== paired.has(number))
  const faults = halves.map((number) => `half of set ${number} is there`)
  for (const { id, order } of sets) if (order !== numberOf(String(id))) faults.push(`${id} has ${order}`)
  for (const { left, amount } of pairs) if (amount !== numberOf(String(left))) faults.push(`${left} has ${amount}`)
  return { lost: promised.filter((number) => !found.has(number)), faults: [...faults, ...faultsOfLatest(items)] }
}

/** The row that each set changes which is written alone, one after another: it is as the last of them made it. */
function faultsOfLatest(items: readonly Row[]): readonly string[] {
  const latest = items.find(({ id }) => id === LATEST)
  const alone = items.filter(({ label }) => label === ALONE).map(({ order }) => Number(order))
  if (latest === undefined) return alone.length === 0 ? [] : ['the row that all change is not there']
  const number = Number(latest.order)
  const last = Math.max(0, ...alone)
  const remark = String(latest.remark)
  const isWhole = number === last && Number(latest.revision) === alone.length + 1
  const isAsWritten = number === 0 ? remark === '' : remark === remarkOf(number, remark.length)
  return isWhole && isAsWritten ? [] : [`the row that all change is of set ${number}, the last set is ${last}`]
}
