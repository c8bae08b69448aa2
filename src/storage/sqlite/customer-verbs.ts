import { type Customer, canonicalEmail } from '../../domain/customer'
import { withoutUndefined } from '../../domain/fields'
import type { InsertLicenses } from '../contract'
import type { CustomerVerbs } from '../verb-families'
import { deleteLicenseRow, type LicenseKeys } from './license-rows'
import { revoke } from './revocations'
import { type CustomerRow, customerRecord, toCustomer } from './rows'
import { accountSeq, runStep } from './steps'
import type { Store } from './store'

const CUSTOMER_COLUMNS = '(SELECT a.id FROM accounts a WHERE a.seq = c.account_seq) AS account_id, c.*'
const BY_SEQ = `SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE c.seq = ?`
const OF_ACCOUNT = 'c.account_seq = (SELECT seq FROM accounts WHERE id = ?)'

export function customerVerbs(store: Store): CustomerVerbs {
  return {
    insertCustomer: (accountId, customer, step) =>
      runStep(store, accountId, step, () => {
        if (customerByEmail(store, accountId, customer.email) !== undefined) return { kind: 'email-taken' }
        return { kind: 'created', customer: toCustomer(storeCustomer(store, accountId, customer)) }
      }),

    updateCustomer: (accountId, customerId, changes, step) =>
      runStep(store, accountId, step, () => {
        const row = customerById(store, accountId, customerId)
        if (row === undefined) return { kind: 'gone' }
        const before = toCustomer(row)
        const changed = changes === 'toggle' ? { active: !before.active } : withoutUndefined(changes)
        const customer = { ...before, ...changed, updatedAt: step.now }
        const holder = customerByEmail(store, accountId, customer.email)
        if (holder !== undefined && holder.seq !== row.seq) return { kind: 'email-taken' }
        store.update('customers', row.seq, customerRecord(customer))
        return { kind: 'updated', customer }
      }),

    deleteCustomer: (accountId, customerId, step) =>
      runStep(store, accountId, step, () => {
        const row = customerById(store, accountId, customerId)
        if (row === undefined) return { kind: 'gone' }
        const text = 'SELECT seq, account_seq, product_ids, created_at FROM licenses WHERE customer_seq = ?'
        const licenses = store.sql<LicenseKeys>(text).all(row.seq)
        revoke(store, 'l.customer_seq = ?', [row.seq], step.now)
        for (const license of licenses) deleteLicenseRow(store, license)
        store.sql('DELETE FROM customers WHERE seq = ?').run(row.seq)
        return { kind: 'deleted', licenses: licenses.length }
      }),

    findCustomer: (accountId, customerId) => store.read(() => orNull(customerById(store, accountId, customerId))),

    findCustomerByEmail: (accountId, email) => store.read(() => orNull(customerByEmail(store, accountId, email))),

    listCustomers: (accountId, { email }, page) => {
      const ofEmail = email === undefined ? '' : 'AND c.canonical_email = ?'
      const query = {
        columns: CUSTOMER_COLUMNS,
        from: 'customers c',
        where: `${OF_ACCOUNT} ${ofEmail}`,
        orderBy: 'c.created_at, c.seq',
        toEntity: toCustomer,
      }
      const parameters = email === undefined ? [accountId] : [accountId, canonicalEmail(email)]
      return store.read(() => store.list(query, parameters, page))
    },
  }
}

function orNull(row: CustomerRow | undefined): Customer | null {
  return row === undefined ? null : toCustomer(row)
}

// The following are for use inside a step or a read.

/** The account's customer; another account's is none. */
function customerById(store: Store, accountId: string, customerId: string): CustomerRow | undefined {
  const text = `SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE c.id = ?`
  const row = store.sql<CustomerRow>(text).get(customerId)
  return row?.account_id === accountId ? row : undefined
}

function customerByEmail(store: Store, accountId: string, email: string | null): CustomerRow | undefined {
  if (email === null) return undefined
  const text = `SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE ${OF_ACCOUNT} AND c.canonical_email = ?`
  return store.sql<CustomerRow>(text).get(accountId, canonicalEmail(email))
}

/** The customer a license row points to, if it points to one. */
export function customerBySeq(store: Store, seq: number | null): Customer | null {
  if (seq === null) return null
  return orNull(store.sql<CustomerRow>(BY_SEQ).get(seq))
}

/**
 * The customer that licenses are for: the new one, which is stored, or who has its email; else the one named. The last
 * thing a step decides on: from its answer on, it may only write.
 */
export function settleCustomer(
  store: Store,
  accountId: string,
  customerId: string | null,
  newCustomer: InsertLicenses['newCustomer'],
): CustomerRow | null | { readonly kind: 'email-taken' | 'customer-not-found' } {
  if (newCustomer !== undefined) {
    const { customer, onEmailTaken } = newCustomer
    const holder = customerByEmail(store, accountId, customer.email)
    if (holder === undefined) return storeCustomer(store, accountId, customer)
    return onEmailTaken === 'reuse' ? holder : { kind: 'email-taken' }
  }
  if (customerId === null) return null
  return customerById(store, accountId, customerId) ?? { kind: 'customer-not-found' }
}

/** Stores the customer and returns its row. */
function storeCustomer(store: Store, accountId: string, customer: Customer): CustomerRow {
  const record = { account_seq: accountSeq(store, accountId), ...customerRecord(customer) }
  const seq = store.insert('customers', record)
  return store.sql<CustomerRow>(BY_SEQ).one(seq)
}
