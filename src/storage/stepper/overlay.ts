import type { Answer, Change, ChangeSet, Found, Key, Query, Row, Table, Tables, Value } from '../contract'
import { columnsOf, compareLists, compareValues, isWithin, rowName, valuesOf } from '../order'

/** A change that a decision asks for. `before` is the row as the decision saw it. */
export type RowChange =
  | { readonly kind: 'insert'; readonly table: string; readonly row: Readonly<Record<string, Value>> }
  | {
      readonly kind: 'update'
      readonly table: string
      readonly before: Row
      readonly set: Readonly<Record<string, Value>>
    }
  | { readonly kind: 'delete'; readonly table: string; readonly before: Row }
  /** Changes nothing: the decision holds only while this row stays as it was seen. */
  | { readonly kind: 'guard'; readonly table: string; readonly before: Row }

/** Steps that depend on each other: written together, and all or none of them happen. */
export interface Group {
  /** Set where this group has become part of another. */
  joined?: Group
}

/** A row as it is stored, and as it is to be. */
interface Pending {
  readonly table: string
  readonly key: Key
  readonly stored: Row | null
  readonly now: Row | null
  group: Group
  /** True where more than one step of the batch has changed it. */
  readonly isShared: boolean
}

/**
 * What a batch of steps has decided and not yet written, laid over what is stored: each step sees what those before it
 * have decided.
 */
export class Overlay {
  private readonly pending = new Map<string, Pending>()
  private readonly guards = new Map<string, Map<Group, { table: string; key: Key; revision: number }>>()
  /** The tables that have pending rows. */
  private readonly changed = new Map<string, Pending[]>()

  /** @param newRevision gives a new row its first revision: one that a row deleted before did not have */
  constructor(
    private readonly tables: Tables,
    private readonly newRevision: () => number,
  ) {}

  /**
   * The answer with all that is decided. Adds the groups of the pending rows in it to `touched`. Undefined where the stored
   * answer does not tell enough: the step is for the next batch then.
   */
  adjust(query: Query, answer: Answer, touched: Set<Group>, above: Row | null = null): Answer | undefined {
    const table = this.table(query.table)
    const pending = this.changed.get(query.table)
    if (pending === undefined) return this.adjustFollowed(query, answer, touched)

    const columns = columnsOf(table, query.by)
    const equal = query.equal.map((operand) => operandValue(operand, above))
    const isIn = (row: Row | null) => row !== null && isWithin(row, columns, equal, query.range)
    const relevant = pending.filter(({ stored, now }) => isIn(stored) || isIn(now))
    if (relevant.length === 0) return this.adjustFollowed(query, answer, touched)
    if ((query.skip ?? 0) > 0) return undefined
    for (const { group } of relevant) touched.add(rootOf(group))

    const names = new Map(answer.rows.map((found) => [this.nameOf(query.table, found.row), found]))
    const replaced = new Set(relevant.map(({ key }) => rowName(query.table, key)))
    const walked = columns.slice(equal.length)
    const found: Found[] = answer.rows.filter(({ row }) => !replaced.has(this.nameOf(query.table, row)))
    for (const { key, stored, now } of relevant) {
      if (now === null || !isIn(now) || !isBehind(now, walked, query)) continue
      const known = names.get(rowName(query.table, key))
      if (query.follow !== undefined && (known === undefined || leadsElsewhere(query, stored, now))) return undefined
      found.push({ row: now, followed: known?.followed ?? {} })
    }
    const order = (a: Found, b: Found) => compareLists(valuesOf(a.row, walked), valuesOf(b.row, walked))
    const inOrder = query.descending === true ? (a: Found, b: Found) => order(b, a) : order
    found.sort(inOrder)
    // Behind the last row of a full answer there may be rows that were not read: nothing is known of what stands there.
    const last = answer.rows.length === query.limit ? answer.rows.at(-1) : undefined
    const known = last === undefined ? found : found.filter((one) => inOrder(one, last) <= 0)
    if (last !== undefined && known.length < query.limit) return undefined
    const rows = known.slice(0, query.limit)
    const grown = relevant.reduce((sum, { stored, now }) => sum + (isIn(now) ? 1 : 0) - (isIn(stored) ? 1 : 0), 0)
    const counted = answer.count === undefined ? {} : { count: answer.count + grown }
    return this.adjustFollowed(query, { rows, ...counted }, touched)
  }

  /** Takes a step's changes on. Returns the group they belong to; undefined where it changes nothing. */
  take(changes: readonly RowChange[], touched: ReadonlySet<Group>): Group | undefined {
    if (changes.length === 0 && touched.size === 0) return undefined
    const group: Group = {}
    for (const other of touched) join(other, group)
    for (const change of changes) this.takeOne(change, group)
    return rootOf(group)
  }

  /** A set for each group, with the rows that it changes or relies on. */
  sets(): ReadonlyMap<Group, ChangeSet> {
    const sets = new Map<Group, Change[]>()
    const setOf = (group: Group): Change[] => {
      const root = rootOf(group)
      const known = sets.get(root)
      if (known !== undefined) return known
      const made: Change[] = []
      sets.set(root, made)
      return made
    }
    for (const { table, key, stored, now, group } of this.pending.values()) {
      const change = changeOf(table, key, stored, now)
      if (change !== undefined) setOf(group).push(change)
    }
    for (const [name, guards] of this.guards) {
      const pending = this.pending.get(name)
      const roots = new Set<Group>()
      for (const [group, { table, key, revision }] of guards) {
        const root = rootOf(group)
        const isChanged = pending !== undefined && rootOf(pending.group) === root
        if (isChanged || roots.has(root) || !sets.has(root)) continue
        roots.add(root)
        setOf(root).push({ kind: 'guard', table, key, revision })
      }
    }
    return sets
  }

  /**
   * The stored rows that others may be faster to change: of a group of many steps those that several of them change, since
   * what they have in common is what everybody wants.
   */
  contended(group: Group): readonly { readonly table: string; readonly key: Key }[] {
    const rows = [...this.pending.values()].filter((one) => one.stored !== null && rootOf(one.group) === group)
    const shared = rows.filter(({ isShared }) => isShared)
    return (shared.length > 0 ? shared : rows).map(({ table, key }) => ({ table, key }))
  }

  private takeOne(change: RowChange, group: Group) {
    const { table: name } = change
    const table = this.table(name)
    const seen = change.kind === 'insert' ? change.row : change.before
    const key = valuesOf(seen as Row, table.key)
    const id = rowName(name, key)
    const known = this.pending.get(id)
    if (change.kind === 'guard') {
      if (known !== undefined) return join(known.group, group)
      const guards = this.guards.get(id) ?? new Map()
      guards.set(group, { table: name, key, revision: revisionOf(change.before) })
      this.guards.set(id, guards)
      return
    }
    if (known !== undefined) join(known.group, group)
    const stored = known === undefined ? (change.kind === 'insert' ? null : change.before) : known.stored
    const isShared = known !== undefined
    const pending: Pending = { table: name, key, stored, now: this.changedRow(change, stored), group, isShared }
    this.pending.set(id, pending)
    const others = this.changed.get(name)
    if (others === undefined) this.changed.set(name, [pending])
    else if (known === undefined) others.push(pending)
    else others[others.indexOf(known)] = pending
  }

  private changedRow(change: Exclude<RowChange, { kind: 'guard' }>, stored: Row | null): Row | null {
    if (change.kind === 'delete') return null
    if (change.kind === 'update') {
      const revision = stored === null ? revisionOf(change.before) : revisionOf(stored) + 1
      return { ...change.before, ...change.set, revision }
    }
    return { ...change.row, revision: stored === null ? this.newRevision() : revisionOf(stored) + 1 }
  }

  private adjustFollowed(query: Query, answer: Answer, touched: Set<Group>): Answer | undefined {
    const { follow } = query
    if (follow === undefined || !this.concerns(follow)) return answer
    const rows: Found[] = []
    for (const { row, followed } of answer.rows) {
      const adjusted: Record<string, Answer> = {}
      for (const [name, below] of Object.entries(follow)) {
        const stored = followed[name]
        const one = stored && this.adjust(below, stored, touched, row)
        if (one === undefined) return undefined
        adjusted[name] = one
      }
      rows.push({ row, followed: adjusted })
    }
    return { ...answer, rows }
  }

  private concerns(follow: Readonly<Record<string, Query>>): boolean {
    return Object.values(follow).some(
      ({ table, follow: below }) => this.changed.has(table) || (below !== undefined && this.concerns(below)),
    )
  }

  private nameOf(table: string, row: Row): string {
    return rowName(table, valuesOf(row, this.table(table).key))
  }

  private table(name: string): Table {
    const table = this.tables[name]
    if (table === undefined) throw new Error(`There is no table ${name}`)
    return table
  }
}

export function rootOf(group: Group): Group {
  let root = group
  while (root.joined !== undefined) root = root.joined
  return root
}

function join(one: Group, other: Group) {
  const root = rootOf(one)
  const target = rootOf(other)
  if (root !== target) root.joined = target
}

function operandValue(operand: Query['equal'][number], above: Row | null): Value {
  return operand !== null && typeof operand === 'object' ? (above?.[operand.column] ?? null) : operand
}

/** True where the row lies behind the query's cursor. */
function isBehind(row: Row, walked: readonly string[], { after, descending }: Query): boolean {
  if (after === undefined) return true
  const order = compareLists(valuesOf(row, walked.slice(0, after.length)), after)
  return descending === true ? order < 0 : order > 0
}

/** True where the queries below look at a column that has changed. */
function leadsElsewhere({ follow = {} }: Query, stored: Row | null, now: Row): boolean {
  return Object.values(follow).some(({ equal }) =>
    equal.some((operand) => {
      const before = operandValue(operand, stored)
      return compareValues(before, operandValue(operand, now)) !== 0
    }),
  )
}

function changeOf(table: string, key: Key, stored: Row | null, now: Row | null): Change | undefined {
  if (stored === null) return now === null ? undefined : { kind: 'insert', table, row: now }
  const revision = revisionOf(stored)
  if (now === null) return { kind: 'delete', table, key, revision }
  const set: Record<string, Value> = {}
  for (const column of Object.keys(now)) {
    const value = now[column] ?? null
    if (stored[column] !== value) set[column] = value
  }
  return { kind: 'update', table, key, revision, set }
}

function revisionOf(row: Row): number {
  return row.revision as number
}
