import type { Page, PageRequest } from '../storage/verbs/store'
import type { ListOptions } from './commands/store-options'
import { print, printJson } from './output'
import { formatTable } from './table'

/** Which page the options of a command ask for. */
export function pageOf({ limit, offset }: ListOptions): PageRequest {
  return { limit, offset }
}

/** Prints a page of a list: a table for a person, `{ total, items }` for a machine. */
export function printPage<T>(
  { items, total }: Page<T>,
  { json, offset }: ListOptions,
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
