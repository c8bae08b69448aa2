import { isDeepStrictEqual } from 'node:util'
import { LicenseError } from '../protocol/license-error'
import type { Column, Schema, Table, Tables } from './contract'

/** What a store is made with that is not there yet. */
export const NO_SCHEMA: Schema = { version: 0, tables: {} }

/** What a later schema has that an earlier one has not. */
export interface Additions {
  readonly tables: Tables
  /** Each of them optional: rows that are there have null in it. */
  readonly columns: readonly { readonly table: string; readonly name: string; readonly column: Column }[]
  readonly unique: readonly Walk[]
  readonly orders: readonly Walk[]
}

interface Walk {
  readonly table: string
  readonly by: string
  readonly columns: readonly string[]
}

/**
 * What must be added to a store before it is what an adapter's `open` was asked for.
 *
 * @param store names it in messages, such as `licenses.db`
 * @param kept what the store was made with, or brought up to, last
 * @returns nothing to add where both are the same
 * @throws {LicenseError} STORAGE_INCOMPATIBLE where the store is of a later version, or not of an earlier one of ours
 */
export function upgradeOf(store: string, kept: Schema, wanted: Schema): Additions {
  if (kept.version > wanted.version) {
    throw new LicenseError(
      'STORAGE_INCOMPATIBLE',
      `${store} was written by a newer keyslot (schema ${kept.version}, this one knows ${wanted.version}); update keyslot`,
    )
  }
  const isOfThisVersion = kept.version === wanted.version
  const additions = additionsOf(kept.tables, wanted.tables)
  if (additions === undefined || (isOfThisVersion && !isDeepStrictEqual(kept.tables, wanted.tables))) {
    throw new LicenseError(
      'STORAGE_INCOMPATIBLE',
      `${store} has other tables than this keyslot's, though it says schema ${kept.version}: another build made it`,
    )
  }
  return additions
}

/** What `after` has and `before` has not. Undefined where it does more than add: one is no later version of the other. */
function additionsOf(before: Tables, after: Tables): Additions | undefined {
  const common = Object.keys(before)
  if (!common.every((name) => extendsTable(before[name], after[name]))) return undefined
  const each = <T>(added: (name: string, before: Table, after: Table) => readonly T[]) =>
    common.flatMap((name) => added(name, before[name] as Table, after[name] as Table))
  const walks = (of: (table: Table) => Readonly<Record<string, readonly string[]>> | undefined) =>
    each((table, old, now) => missing(of(old), of(now)).map(([by, columns]) => ({ table, by, columns })))
  return {
    tables: Object.fromEntries(missing(before, after)),
    columns: each((table, old, now) =>
      missing(old.columns, now.columns).map(([name, column]) => ({ table, name, column })),
    ),
    unique: walks(({ unique }) => unique),
    orders: walks(({ orders }) => orders),
  }
}

function extendsTable(before: Table | undefined, after: Table | undefined): boolean {
  if (before === undefined || after === undefined) return false
  const isKept = (old: object = {}, now: object = {}) =>
    Object.entries(old).every(([name, value]) => isDeepStrictEqual(value, (now as Record<string, unknown>)[name]))
  return (
    isDeepStrictEqual(before.key, after.key) &&
    isKept(before.columns, after.columns) &&
    isKept(before.unique, after.unique) &&
    isKept(before.orders, after.orders) &&
    missing(before.columns, after.columns).every(([, { optional }]) => optional === true)
  )
}

function missing<T>(before: Readonly<Record<string, T>> = {}, after: Readonly<Record<string, T>> = {}) {
  return Object.entries(after).filter(([name]) => before[name] === undefined)
}
