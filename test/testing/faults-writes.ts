import type { ChangeSet, Table, Value } from '../../src/storage/contract'
import { atAnyRevision, type Fault, fault, faultInSets, REFUSED, storedItems, storedRow } from './fault'

const codesOf = (set: ChangeSet) =>
  set.flatMap((change) => {
    const { code } = change.kind === 'insert' ? change.row : change.kind === 'update' ? change.set : {}
    return change.table === 'items' && code !== undefined ? [code] : []
  })

/** What goes wrong with change sets and unique sets. */
export const faultsInWrites: Readonly<Record<string, Fault>> = {
  'ignores the revisions of updates': faultInSets('change sets', (set, rows) => atAnyRevision(set, rows, ['update'])),
  'ignores the revisions of deletes': faultInSets('change sets', (set, rows) => atAnyRevision(set, rows, ['delete'])),
  'does not check guards': faultInSets('change sets', (set) => set.filter(({ kind }) => kind !== 'guard')),
  'ignores an update of a missing row': faultInSets('change sets', (set, rows) =>
    set.filter((change) => change.kind !== 'update' || storedRow(rows, change) !== undefined),
  ),
  'takes an insert of a row that is there for done': faultInSets('change sets', (set, rows) => {
    for (const change of set) if (change.kind === 'insert' && storedRow(rows, change)) return []
    return set
  }),
  'writes what it can of a set': fault('change sets', (sound) => ({
    write: async (sets) => {
      const fates = sets.map(async (set) => (await sound.write(set.map((change) => [change]))).includes('conflict'))
      return (await Promise.all(fates)).map((isConflict) => (isConflict ? 'conflict' : 'written'))
    },
  })),
  'writes no set of a call if one conflicts': fault('change sets', (sound) => ({
    write: async (sets) => {
      const [fate = 'written'] = await sound.write([sets.flat()])
      return sets.map(() => fate)
    },
  })),
  'mixes up the outcomes of sets': fault('change sets', (sound) => ({
    write: async (sets) => (await sound.write(sets)).toSorted(),
  })),
  'gives revisions of its own': faultInSets('change sets', (set) =>
    set.map((one) => (one.kind === 'update' ? { ...one, set: { ...one.set, revision: one.revision + 1 } } : one)),
  ),
  'empties the columns that an update does not name': faultInSets('change sets', (set) =>
    set.map((one) =>
      one.kind === 'update' && one.table === 'items' ? { ...one, set: { remark: null, code: null, ...one.set } } : one,
    ),
  ),

  'keeps no unique sets': fault('unique sets', (sound) => ({
    open: ({ version, tables }) => {
      const { items, ...others } = tables
      const { unique: _, orders, ...table } = items as Table
      const loose = { ...orders, code: ['code', 'id'], place: ['shelf', 'slot', 'id'] }
      return sound.open({ version, tables: { ...others, items: { ...table, orders: loose } } })
    },
  })),
  'takes null for a value that can be taken': faultInSets('unique sets', (set, rows) =>
    codesOf(set).includes(null) && storedItems(rows).some(({ code }) => code === null) ? REFUSED : set,
  ),
  'compares unique texts whatever their case': faultInSets('unique sets', (set, rows) => {
    const lower = (code: Value | undefined) => (typeof code === 'string' ? code.toLowerCase() : undefined)
    const taken = new Set(storedItems(rows).map(({ code }) => lower(code)))
    return set.some((one) => one.kind === 'insert' && taken.has(lower(one.row.code) ?? '-')) ? REFUSED : set
  }),
  'looks at unique sets before rows let go': faultInSets('unique sets', (set, rows) => {
    const taken = new Set(storedItems(rows).map(({ code }) => code))
    return codesOf(set).some((code) => code !== null && taken.has(code)) ? REFUSED : set
  }),
}
