import type { StoreRecord } from '../records'
import { learnEventIds } from './event-ids'
import type { Store } from './store'

/** What the records of one import belong to; of the step that made it. */
export interface Lookup {
  accountSeq(id: string): number | undefined
  product(id: string): Owned | undefined
  customer(id: string): Owned | undefined
  endpoint(id: string): Owned | undefined
  licenseSeq(id: string): number | undefined
  /** The token ids among the records that are revoked; what is added is so for the rest of the step. */
  revoked(): Set<string>
}

interface Owned {
  readonly seq: number
  readonly account_seq: number
}

export function createLookup(store: Store, records: readonly StoreRecord[]): Lookup {
  if (records.some(({ kind }) => kind === 'event' || kind === 'delivery')) learnEventIds(store)
  let revoked: Set<string> | undefined

  // Of these there are few, and many records belong to each.
  const accounts = new Map<string, Numbered>()
  const products = new Map<string, Owned>()
  const endpoints = new Map<string, Owned>()

  function find<R>(table: string, columns: string, id: string): R | undefined {
    return store.sql<R>(`SELECT ${columns} FROM ${table} WHERE id = ?`).get(id)
  }
  const findOwned = (table: string, id: string) => find<Owned>(table, 'seq, account_seq', id)

  return {
    accountSeq: (id) => remembered(accounts, id, () => find<Numbered>('accounts', 'seq', id))?.seq,
    product: (id) => remembered(products, id, () => findOwned('products', id)),
    customer: (id) => findOwned('customers', id),
    endpoint: (id) => remembered(endpoints, id, () => findOwned('webhook_endpoints', id)),
    licenseSeq: (id) => find<Numbered>('licenses', 'seq', id)?.seq,
    revoked: () => {
      revoked ??= readRevoked(store, records)
      return revoked
    },
  }
}

interface Numbered {
  readonly seq: number
}

/** Only what was found is: what is missing now may come later in the same step. */
function remembered<T>(known: Map<string, T>, id: string, find: () => T | undefined): T | undefined {
  const found = known.get(id) ?? find()
  if (found !== undefined) known.set(id, found)
  return found
}

/** Reads the whole list once for all records: the order it is in is that of its ends. */
function readRevoked(store: Store, records: readonly StoreRecord[]): Set<string> {
  const asked = records.flatMap(({ kind, value }) => (kind === 'revocation' ? [value.tokenId] : []))
  const text = 'SELECT token_id FROM revocations WHERE token_id IN (SELECT value FROM json_each(?))'
  const rows = store.sql<{ token_id: string }>(text).all(JSON.stringify(asked))
  return new Set(rows.map(({ token_id }) => token_id))
}
