import { type Customer, canonicalEmail } from '../../domain/customer'
import type { Storage } from '../contract'
import { definedOnly } from './changes'
import { deleteLicenseRow, type LicenseKeys } from './license-rows'
import { type CustomerRow, customerRecord, toCustomer } from './rows'
import type { Session } from './session'
import { accountSeq, runStep } from './steps'

type CustomerVerbs = Pick<
  Storage,
  'insertCustomer' | 'updateCustomer' | 'deleteCustomer' | 'findCustomer' | 'findCustomerByEmail' | 'listCustomers'
>

const CUSTOMER_COLUMNS = '(SELECT a.id FROM accounts a WHERE a.seq = c.account_seq) AS account_id, c.*'
const OF_ACCOUNT = 'c.account_seq = (SELECT seq FROM accounts WHERE id = ?)'

export function customerVerbs(session: Session): CustomerVerbs {
  return {
    insertCustomer: (accountId, customer, step) =>
      runStep(session, accountId, step, () => {
        if (customerByEmail(session, accountId, customer.email) !== undefined) return { kind: 'email-taken' }
        storeCustomer(session, accountId, customer)
        return { kind: 'created' }
      }),

    updateCustomer: (accountId, customerId, changes, step) =>
      runStep(session, accountId, step, () => {
        const row = customerById(session, accountId, customerId)
        if (row === undefined) return { kind: 'gone' }
        const before = toCustomer(row)
        const changed = changes === 'toggle' ? { active: !before.active } : definedOnly(changes)
        const customer = { ...before, ...changed, updatedAt: step.now }
        const holder = customerByEmail(session, accountId, customer.email)
        if (holder !== undefined && holder.seq !== row.seq) return { kind: 'email-taken' }
        session.update('customers', row.seq, customerRecord(customer))
        return { kind: 'updated', customer }
      }),

    deleteCustomer: (accountId, customerId, step) =>
      runStep(session, accountId, step, () => {
        const row = customerById(session, accountId, customerId)
        if (row === undefined) return { kind: 'gone' }
        const text = 'SELECT seq, account_seq, product_ids, created_at FROM licenses WHERE customer_seq = ?'
        const licenses = session.sql<LicenseKeys>(text).all(row.seq)
        for (const license of licenses) deleteLicenseRow(session, license)
        session.sql('DELETE FROM customers WHERE seq = ?').run(row.seq)
        return { kind: 'deleted', licenses: licenses.length }
      }),

    findCustomer: (accountId, customerId) => session.read(() => orNull(customerById(session, accountId, customerId))),

    findCustomerByEmail: (accountId, email) => session.read(() => orNull(customerByEmail(session, accountId, email))),

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
      return session.read(() => session.list(query, parameters, page))
    },
  }
}

function orNull(row: CustomerRow | undefined): Customer | null {
  return row === undefined ? null : toCustomer(row)
}

// The following are for use inside a step or a read.

/** The account's customer; another account's is none. */
export function customerById(session: Session, accountId: string, customerId: string): CustomerRow | undefined {
  const text = `SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE c.id = ?`
  const row = session.sql<CustomerRow>(text).get(customerId)
  return row?.account_id === accountId ? row : undefined
}

export function customerByEmail(session: Session, accountId: string, email: string | null): CustomerRow | undefined {
  if (email === null) return undefined
  const text = `SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE ${OF_ACCOUNT} AND c.canonical_email = ?`
  return session.sql<CustomerRow>(text).get(accountId, canonicalEmail(email))
}

/** The customer a license row points to, if it points to one. */
export function customerBySeq(session: Session, seq: number | null): Customer | null {
  if (seq === null) return null
  return orNull(session.sql<CustomerRow>(`SELECT ${CUSTOMER_COLUMNS} FROM customers c WHERE c.seq = ?`).get(seq))
}

/** Stores the customer and returns its row. */
export function storeCustomer(session: Session, accountId: string, customer: Customer): CustomerRow {
  session.insert('customers', { account_seq: accountSeq(session, accountId), ...customerRecord(customer) })
  const row = customerById(session, accountId, customer.id)
  if (row === undefined) throw new Error('A customer just stored is not there')
  return row
}
