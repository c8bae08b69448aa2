import type { Row, Schema, Tables, Value } from '../storage/contract'

/**
 * The tables of the kit. They mean nothing; some names are words of SQL, or of mixed case. The columns of no key, unique
 * set or order are longer than 300 units together.
 */
export const TABLES = {
  items: {
    columns: {
      id: { kind: 'text', length: 100 },
      shelf: { kind: 'text', length: 100 },
      slot: { kind: 'integer', optional: true },
      code: { kind: 'text', length: 100, optional: true },
      order: { kind: 'integer', optional: true },
      label: { kind: 'text', length: 100, optional: true },
      addedAt: { kind: 'instant', optional: true },
      isOpen: { kind: 'boolean', optional: true },
      details: { kind: 'json', optional: true },
      remark: { kind: 'text', optional: true },
    },
    key: ['id'],
    unique: { code: ['code'], place: ['shelf', 'slot'] },
    orders: {
      byOrder: ['shelf', 'order', 'id'],
      byLabel: ['shelf', 'label', 'id'],
      byAge: ['shelf', 'addedAt', 'id'],
      byOpen: ['shelf', 'isOpen', 'order', 'id'],
      everywhere: ['order', 'id'],
    },
  },
  pairs: {
    columns: {
      left: { kind: 'text', length: 100 },
      right: { kind: 'integer' },
      amount: { kind: 'integer' },
    },
    key: ['left', 'right'],
    orders: { byAmount: ['left', 'amount', 'right'] },
  },
  links: {
    columns: {
      id: { kind: 'text', length: 100 },
      item: { kind: 'text', length: 100, optional: true },
    },
    key: ['id'],
    orders: { byItem: ['item', 'id'] },
  },
} as const satisfies Tables

/** What the kit opens stores with. */
export const SCHEMA: Schema = { version: 2, tables: TABLES }

/** A later schema: a column, a unique set and two orders more in tables that are there, and a table more. */
export const LATER_SCHEMA: Schema = {
  version: 3,
  tables: {
    ...TABLES,
    items: {
      ...TABLES.items,
      columns: {
        ...TABLES.items.columns,
        serial: { kind: 'text', length: 100, optional: true },
        endsAt: { kind: 'instant', optional: true },
      },
      unique: { ...TABLES.items.unique, serial: ['serial'] },
      orders: { ...TABLES.items.orders, byEnd: ['shelf', 'endsAt', 'id'], byCode: ['shelf', 'code', 'id'] },
    },
    marks: { columns: { id: { kind: 'text', length: 100 } }, key: ['id'] },
  },
}

type Values = Readonly<Record<string, Value>>

/** A row of `items` at revision 1, null in every optional column. */
export function item(id: string, values: Values = {}): Row {
  const nothing = { slot: null, code: null, order: null, label: null, addedAt: null, isOpen: null }
  return { id, shelf: 'top', ...nothing, details: null, remark: null, ...values, revision: 1 }
}

export function pair(left: string, right: number, amount = 0): Row {
  return { left, right, amount, revision: 1 }
}

export function link(id: string, to: string | null = null): Row {
  return { id, item: to, revision: 1 }
}
