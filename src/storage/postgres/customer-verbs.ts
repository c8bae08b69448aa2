import { type Customer, canonicalEmail } from '../../domain/customer'
import { withoutUndefined } from '../../domain/fields'
import type { InsertLicenses } from '../contract'
import type { CustomerVerbs } from '../verb-families'
import { orNull, type Row } from './columns'
import { customerRow, toCustomer } from './rows'
import { runStep, type StepWork } from './steps'
import type { Statements, Store } from './store'

const OF_ACCOUNT = 'SELECT * FROM @customers WHERE id = $1 AND account_id = $2'
const BY_EMAIL = 'SELECT * FROM @customers WHERE account_id = $1 AND canonical_email = $2'

export function customerVerbs(store: Store): CustomerVerbs {
  return {
    insertCustomer: (accountId, customer, step) =>
      runStep(store, accountId, step, async (statements) => {
        const stored = await storeCustomer(statements, accountId, customer)
        return stored === null ? { kind: 'email-taken' } : { kind: 'created', customer: stored }
      }),

    updateCustomer: (accountId, customerId, changes, step) =>
      runStep(store, accountId, step, async (statements) => {
        const row = await statements.row(`${OF_ACCOUNT} FOR NO KEY UPDATE`, [customerId, accountId])
        if (row === undefined) return { kind: 'gone' }
        const before = toCustomer(row)
        const changed = changes === 'toggle' ? { active: !before.active } : withoutUndefined(changes)
        const customer = { ...before, ...changed, updatedAt: step.now }
        const holder = await customerByEmail(statements, accountId, customer.email)
        if (holder !== undefined && holder.id !== customerId) return { kind: 'email-taken' }
        await statements.update('customers', 'id', customerId, customerRow(customer))
        return { kind: 'updated', customer }
      }),

    deleteCustomer: (accountId, customerId, step) =>
      runStep(store, accountId, step, async (statements) => {
        // Whoever stores a license for the customer waits for this lock, or has let go of it before. A step that holds one
        // of its licenses and wants the customer may wait for us as we for it: the server ends one, and it is done again.
        const row = await statements.row(`${OF_ACCOUNT} FOR UPDATE`, [customerId, accountId])
        if (row === undefined) return { kind: 'gone' }
        const of = [customerId]
        const lock = 'SELECT l.seq FROM @licenses l WHERE l.customer_id = $1 ORDER BY l.seq FOR UPDATE'
        const licenses = await statements.rows(lock, of)
        const revoke = 'SELECT count(@revoke(l, NULL, $2)) FROM @licenses l WHERE l.customer_id = $1'
        await statements.rows(revoke, [customerId, step.now])
        await statements.rows('DELETE FROM @licenses WHERE customer_id = $1 RETURNING 1', of)
        await statements.rows('DELETE FROM @customers WHERE id = $1 RETURNING 1', of)
        return { kind: 'deleted', licenses: licenses.length }
      }),

    findCustomer: async (accountId, customerId) =>
      orNull(await store.row(OF_ACCOUNT, [customerId, accountId]), toCustomer),

    findCustomerByEmail: async (accountId, email) => orNull(await customerByEmail(store, accountId, email), toCustomer),

    listCustomers(accountId, { email }, page) {
      const list = { columns: '*', from: '@customers', orderBy: 'created_at, seq', toEntity: toCustomer }
      if (email === undefined) return store.list({ ...list, where: 'account_id = $1' }, [accountId], page)
      const where = 'account_id = $1 AND canonical_email = $2'
      return store.list({ ...list, where }, [accountId, canonicalEmail(email)], page)
    },
  }
}

async function customerByEmail(
  statements: Statements,
  accountId: string,
  email: string | null,
): Promise<Row | undefined> {
  return email === null ? undefined : statements.row(BY_EMAIL, [accountId, canonicalEmail(email)])
}

/**
 * The customer that licenses are for: the new one, which is stored, or who has its email; else the one named. The last
 * thing a step decides on: from its answer on, it may only write.
 */
export async function settleCustomer(
  statements: StepWork,
  accountId: string,
  customerId: string | null,
  newCustomer: InsertLicenses['newCustomer'],
): Promise<Customer | null | { readonly kind: 'email-taken' | 'customer-not-found' }> {
  if (newCustomer !== undefined) {
    const { customer, onEmailTaken } = newCustomer
    const stored = await storeCustomer(statements, accountId, customer)
    if (stored !== null) return stored
    const holder = onEmailTaken === 'reuse' && (await customerByEmail(statements, accountId, customer.email))
    return holder ? toCustomer(holder) : { kind: 'email-taken' }
  }
  if (customerId === null) return null
  // Kept from being deleted until the license that names it is stored.
  const row = await statements.row(`${OF_ACCOUNT} FOR KEY SHARE`, [customerId, accountId])
  return row === undefined ? { kind: 'customer-not-found' } : toCustomer(row)
}

/** Stores the customer; null when somebody has the email, also who was stored a moment ago. */
async function storeCustomer(statements: StepWork, accountId: string, customer: Customer): Promise<Customer | null> {
  const row = customerRow({ ...customer, accountId })
  const columns = Object.keys(row).join()
  const sql = `
    INSERT INTO @customers (${columns}) SELECT ${columns} FROM json_populate_record(NULL::@customers, $1)
    ON CONFLICT (account_id, canonical_email) WHERE canonical_email IS NOT NULL DO NOTHING RETURNING *`
  return orNull(await statements.row(sql, [{ json: row }]), toCustomer)
}
