import type { StoreRecord } from '../../../../src/storage/records'
import type { Store } from '../../../../src/storage/verbs/store'
import { normal } from './normal'

/** The verbs that keep, change and tell. */
export type VerbName = Exclude<keyof Store, 'name' | 'open' | 'close' | 'ping'>

/** A call as data, so that it can be made on any storage, any number of times. */
export type Call = { [V in VerbName]: CallOf<V> }[VerbName]

export interface CallOf<V extends VerbName> {
  readonly verb: V
  readonly args: Parameters<Store[V]>
}

export function call<V extends VerbName>(verb: V, ...args: Parameters<Store[V]>): CallOf<V> {
  return { verb, args }
}

/** What is thrown, but for its words: which of several taken ids it names is nobody's business. */
interface Thrown {
  readonly thrown: string
}

const MOST_PAGES = 10_000

/** Makes a call. Returns its outcome as it can be compared, or what it threw. */
export async function ask(storage: Store, one: Call, now: Date): Promise<unknown> {
  try {
    return normal(one, await askIn(storage, one), now)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return { thrown: 'code' in error ? String(error.code) : faultOf(error) } satisfies Thrown
  }
}

/** A taken id is a fault that everybody finds; anything else is told, so that it shows. */
function faultOf({ message }: Error): string {
  return /^id .* is taken$/.test(message) ? 'an id is taken' : message
}

/** Cursors are a storage's own: what gives out pages by them is asked for all pages, and told as one. */
function askIn(storage: Store, one: Call): Promise<unknown> {
  if (one.verb === 'exportRecords') return exportAll(storage, one.args)
  if (one.verb === 'findUnseen') return findAllUnseen(storage, one.args)
  if (one.verb === 'purgeExpired') return purgeAll(storage, one.args)
  // What a storage does to what it was given stays with it.
  const verb = storage[one.verb] as (...args: readonly unknown[]) => Promise<unknown>
  return verb(...structuredClone(one.args))
}

async function exportAll(storage: Store, [kind, , limit]: CallOf<'exportRecords'>['args']) {
  const records: StoreRecord[] = []
  let after: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const batch: Awaited<ReturnType<Store['exportRecords']>> = await storage.exportRecords(kind, after, limit)
    if (batch.records.length > limit) throw new Error('An export gave more than it was asked for')
    records.push(...batch.records)
    after = batch.next
    if (after === null) return records
  }
  throw new Error('An export never ended')
}

async function findAllUnseen(storage: Store, [since, , limit]: CallOf<'findUnseen'>['args']) {
  const hosts: unknown[] = []
  let after: string | null = null
  for (let page = 0; page < MOST_PAGES; page++) {
    const batch: Awaited<ReturnType<Store['findUnseen']>> = await storage.findUnseen(since, after, limit)
    if (batch.hosts.length > limit) throw new Error('More unseen hosts were told than looked at')
    hosts.push(...batch.hosts)
    after = batch.next
    if (after === null) return hosts
  }
  throw new Error('The search for unseen hosts never ended')
}

/** Which ones go first, where more have had their day than may go in one call, is a storage's own too. */
async function purgeAll(storage: Store, [now, limit]: CallOf<'purgeExpired'>['args']) {
  const totals: Record<string, number> = {}
  for (let page = 0; page < MOST_PAGES; page++) {
    const purged = Object.entries(await storage.purgeExpired(now, limit))
    for (const [kind, count] of purged) {
      if (count > limit) throw new Error(`More ${kind} were purged than asked for`)
      totals[kind] = (totals[kind] ?? 0) + count
    }
    if (purged.every(([, count]) => count === 0)) return totals
  }
  throw new Error('A purge never ended')
}
