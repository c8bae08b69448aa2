import { createHash } from 'node:crypto'
import { isRecord } from '../protocol/json'
import type { Tables } from './contract'

/** Equal for equal definitions, in whatever order tables and columns are named: what a store was made with. */
export function fingerprint(tables: Tables): string {
  const sorted = (_: string, value: unknown) =>
    isRecord(value) ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value
  return createHash('sha256').update(JSON.stringify(tables, sorted)).digest('hex')
}
