import type { Query, Table, Value } from '../../src/storage/contract'
import { columnsOf } from '../../src/storage/order'
import { TABLES } from '../../src/testing/tables'
import { type Fault, faultInReads, sorted } from './fault'

const walkedFirst = ({ table, by, equal }: Query) =>
  columnsOf((TABLES as Readonly<Record<string, Table>>)[table] as Table, by)[equal.length] ?? 'revision'

/** What goes wrong with orders, pages and references. */
export const faultsInReads: Readonly<Record<string, Fault>> = {
  'sorts text by UTF-16 unit': faultInReads(
    'orders and ranges',
    (query) => query,
    (query, answer) => {
      const column = walkedFirst(query)
      const isText = answer.rows.every(({ row }) => typeof row[column] === 'string')
      if (!isText) return answer
      const up = sorted(answer, (a, b) => (String(a.row[column]) < String(b.row[column]) ? -1 : 1))
      return query.descending === true ? { ...up, rows: up.rows.toReversed() } : up
    },
  ),
  'sorts null last': faultInReads(
    'orders and ranges',
    (query) => query,
    (query, answer) => {
      const isNull = (value: Value | undefined) => Number(value === null) * (query.descending === true ? -1 : 1)
      return sorted(answer, (a, b) => isNull(a.row[walkedFirst(query)]) - isNull(b.row[walkedFirst(query)]))
    },
  ),
  'leaves ties as they come': faultInReads(
    'orders and ranges',
    (query) => query,
    (query, answer) => {
      const column = walkedFirst(query)
      const groups = Map.groupBy(answer.rows, ({ row }) => row[column])
      return { ...answer, rows: [...groups.values()].flatMap((rows) => rows.toReversed()) }
    },
  ),
  'takes the end of a range in': faultInReads('orders and ranges', ({ range, ...query }) => {
    if (range === undefined) return query
    const { above, below, from = above, to = below } = range
    return { ...query, range: { ...(from !== undefined && { from }), ...(to !== undefined && { to }) } }
  }),
  'finds null within bounds that have no ends': faultInReads('orders and ranges', ({ range, ...query }) =>
    range === undefined || Object.keys(range).length > 0 ? { ...query, ...(range && { range }) } : query,
  ),
  'counts the rows of the page': faultInReads(
    'orders and ranges',
    (query) => query,
    (query, answer) => (query.count === true ? { ...answer, count: answer.rows.length } : answer),
  ),
  'skips rows from the first page on only': faultInReads('orders and ranges', ({ skip, ...query }) =>
    query.after === undefined && skip !== undefined ? { ...query, skip } : query,
  ),
  'stops at a hundred rows': faultInReads('races', (query) => ({ ...query, limit: Math.min(query.limit, 100) })),

  'starts anew where a cursor has null': faultInReads('pages', ({ after, ...query }) =>
    after === undefined || after.includes(null) ? query : { ...query, after },
  ),
  'looks at the first column of a cursor only': faultInReads('pages', ({ after, ...query }) =>
    after === undefined ? query : { ...query, after: after.slice(0, 1) },
  ),

  'follows one level': faultInReads('following references', ({ follow, ...query }) => {
    if (follow === undefined) return query
    return {
      ...query,
      follow: Object.fromEntries(Object.entries(follow).map(([name, { follow: _, ...one }]) => [name, one])),
    }
  }),
  'follows from the first row only': faultInReads(
    'following references',
    (query) => query,
    ({ follow = {} }, { rows, ...counted }) => ({
      ...counted,
      rows: rows.map(({ row, followed }, index) => {
        const nothing = Object.fromEntries(Object.keys(follow).map((name) => [name, { rows: [] }]))
        return { row, followed: index === 0 ? followed : nothing }
      }),
    }),
  ),
}
