import type { Page, PageRequest } from 'keyslot/storage'

interface Row {
  readonly id: string
}

interface OwnedRow extends Row {
  readonly accountId: string
}

export function byId<T extends Row>(rows: readonly T[], id: string | null): T | undefined {
  return rows.find((row) => row.id === id)
}

/** Another account's row is as good as missing. */
export function owned<T extends OwnedRow>(rows: readonly T[], accountId: string, id: string | null): T | null {
  return rows.find((row) => row.id === id && row.accountId === accountId) ?? null
}

export function ownedBy<T extends OwnedRow>(rows: readonly T[], accountId: string): T[] {
  return rows.filter((row) => row.accountId === accountId)
}

/** Adds copies of rows; an id that is taken is a fault. */
export function insert<T extends Row>(rows: T[], ...added: readonly T[]): void {
  for (const row of added) {
    if (byId(rows, row.id) !== undefined) throw new Error(`id ${row.id} is taken`)
    rows.push(structuredClone(row))
  }
}

/** Puts a row in the place of the one with its id, or at the end. */
export function put<T extends Row>(rows: T[], row: T): T {
  const index = rows.findIndex(({ id }) => id === row.id)
  rows[index === -1 ? rows.length : index] = structuredClone(row)
  return row
}

export function later(a: Date, b: Date): Date {
  return a < b ? b : a
}

/** `sort` is stable: rows of one instant keep the order they were inserted in, so pages neither repeat nor miss one. */
export function oldestFirst<T extends { readonly createdAt: Date }>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())
}

export function pageOf<T>(rows: readonly T[], { limit, offset = 0 }: PageRequest): Page<T> {
  return { items: structuredClone(rows.slice(offset, offset + limit)), total: rows.length }
}
