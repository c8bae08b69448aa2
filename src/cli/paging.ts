import type { Page, PageRequest } from '../storage/contract'
import { print, printJson } from './output'
import { formatTable } from './table'

/** The options that every list command takes. */
export interface ListOptions extends PageRequest {
  readonly json?: true
}

/** Prints a page of a list: a table for a person, `{ total, items }` for a machine. */
export function printPage<T>(
  { items, total }: Page<T>,
  { json, offset = 0 }: ListOptions,
  columns: { readonly headings: readonly string[]; readonly row: (item: T) => readonly string[] },
  toJson: (item: T) => unknown,
): void {
  if (json) {
    printJson({ total, items: items.map(toJson) })
  } else if (total === 0) {
    print('There are none.')
  } else {
    print(formatTable(columns.headings, items.map(columns.row)))
    if (items.length < total)
      print(`\n${items.length} of ${total}, after the first ${offset}; see --limit and --offset.`)
  }
}
