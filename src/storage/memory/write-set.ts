import type { Change, ChangeSet, Row } from '../contract'
import type { MemoryTable } from './memory-table'

/** What becomes of a row: undefined before an insert, and after a delete. */
interface Effect {
  readonly table: MemoryTable
  readonly before: Row | undefined
  readonly after: Row | undefined
}

/** Writes a set whole, or finds a row that is not as the set says, or a unique set that is taken. */
export function writeSet(set: ChangeSet, tableOf: (name: string) => MemoryTable): 'written' | 'conflict' {
  const effects: Effect[] = []
  for (const change of set) {
    const table = tableOf(change.table)
    const before = table.find(change.kind === 'insert' ? table.keyOf(change.row) : change.key)
    const isStill = change.kind === 'insert' ? before === undefined : before?.revision === change.revision
    if (!isStill) return 'conflict'
    if (change.kind !== 'guard') effects.push({ table, before, after: rowAfter(change, before, table) })
  }
  if (isTaken(effects)) return 'conflict'
  for (const { table, before, after } of effects) {
    if (after !== undefined) table.put(after)
    else if (before !== undefined) table.remove(before)
  }
  return 'written'
}

function rowAfter(change: Change, before: Row | undefined, table: MemoryTable): Row | undefined {
  if (change.kind === 'insert') return table.complete(change.row)
  return change.kind === 'update' ? { ...before, ...change.set } : undefined
}

/** True where a row is to have what another has after the set, too. */
function isTaken(effects: readonly Effect[]): boolean {
  /** What rows of the set want, of each table. */
  const wanted = new Map<MemoryTable, Set<string>>()
  for (const { table, before, after } of effects) {
    if (after === undefined) continue
    for (const want of table.wants(after, before)) {
      const { owner } = want
      if (owner !== undefined && !letsGo(effects, table, owner, (row) => table.has(row, want))) return true
      const names = wanted.get(table) ?? new Set()
      wanted.set(table, names)
      const name = `${want.set} ${typeof want.values} ${want.values}`
      if (names.has(name)) return true
      names.add(name)
    }
  }
  return false
}

/** True where the set changes the owner so that it has the values no more. */
function letsGo(effects: readonly Effect[], table: MemoryTable, owner: Row, hasThem: (row: Row) => boolean): boolean {
  const effect = effects.find((one) => one.table === table && one.before === owner)
  return effect !== undefined && (effect.after === undefined || !hasThem(effect.after))
}
