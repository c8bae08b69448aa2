/** The change sets that are promised: each writes rows of two tables, and they agree with each other for ever. */
import type { ChangeSet } from '../../src/storage/contract'
import { insert, update } from '../../src/testing/asking'
import { item, pair } from '../../src/testing/tables'

/** The row of `items` that the sets change which are written alone: its `order` is the number of the last of them. */
export const LATEST = 'latest'
/** The label of sets that are written alone; those of a batch have none. */
export const ALONE = 'alone'

const SET_NAME = /^set-(\d+)$/

/** Set 0: what the others change. */
export const FIRST_SET: ChangeSet = [insert('items', item(LATEST, { order: 0, remark: '' }))]

/** One of a batch. */
export function setInBatch(number: number): ChangeSet {
  return [
    insert('items', item(nameOf(number), { order: number })),
    insert('pairs', pair(nameOf(number), number, number)),
  ]
}

/**
 * @param revision that of the row LATEST
 * @param length how many characters the row LATEST has in `remark`: pages to write
 */
export function setAlone(number: number, revision: number, length: number): ChangeSet {
  return [
    insert('items', item(nameOf(number), { order: number, label: ALONE })),
    insert('pairs', pair(nameOf(number), number, number)),
    update('items', [LATEST], revision, { order: number, remark: remarkOf(number, length) }),
  ]
}

/** Other text for each set: no page of it is like that of another set. */
export function remarkOf(number: number, length: number): string {
  return `${number}, `.repeat(Math.ceil(length / 3)).slice(0, length)
}

/** The number of the set that a row belongs to; undefined for a row that no set inserted. */
export function numberOf(name: string): number | undefined {
  const number = SET_NAME.exec(name)?.[1]
  return number === undefined ? undefined : Number(number)
}

function nameOf(number: number): string {
  return `set-${number}`
}
