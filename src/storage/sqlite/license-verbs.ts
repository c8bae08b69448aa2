import { withoutUndefined } from '../../domain/fields'
import type { InsertLicenses, InsertLicensesOutcome, LicenseChanges, LicenseTarget, Storage } from '../contract'
import type { LicenseVerbs } from '../verb-families'
import { customerBySeq, settleCustomer } from './customer-verbs'
import { deleteLicenseRow, LICENSE_COLUMNS, readTarget } from './license-rows'
import { readProduct } from './product-verbs'
import { revoke } from './revocations'
import { type CustomerRow, licenseRecord, toCustomer, toLicense } from './rows'
import { accountSeq, runStep } from './steps'
import type { Store } from './store'

export function licenseVerbs(store: Store): LicenseVerbs {
  return {
    insertLicenses: (accountId, input, step) =>
      runStep(store, accountId, step, () => insertLicenses(store, accountId, input)),

    findLicense: (accountId, canonicalKey) =>
      store.read(() => {
        const row = readTarget(store, accountId, { canonicalKey })
        if ('kind' in row) return row
        return { kind: 'found', license: toLicense(row), customer: customerBySeq(store, row.customer_seq) }
      }),

    updateLicense: (accountId, target, changes, step) =>
      runStep(store, accountId, step, () => updateLicense(store, accountId, target, changes, step.now)),

    deleteLicense: (accountId, target, step) =>
      runStep(store, accountId, step, () => {
        const row = readTarget(store, accountId, target)
        if ('kind' in row) return row
        revoke(store, 'l.seq = ?', [row.seq], step.now)
        deleteLicenseRow(store, row)
        return { kind: 'deleted', license: toLicense(row) }
      }),

    resetLicense: (accountId, target, step) =>
      runStep(store, accountId, step, () => {
        const row = readTarget(store, accountId, target)
        if ('kind' in row) return row
        revoke(store, 'l.seq = ?', [row.seq], step.now)
        store.sql('DELETE FROM activations WHERE license_seq = ?').run(row.seq)
        store.sql('DELETE FROM sessions WHERE license_seq = ?').run(row.seq)
        store.sql('DELETE FROM allowances WHERE license_seq = ?').run(row.seq)
        const text = 'UPDATE licenses SET activation_count = 0, reset_count = reset_count + 1 WHERE seq = ?'
        store.sql(text).run(row.seq)
        return { kind: 'reset', license: { ...toLicense(row), activationCount: 0, resetCount: row.reset_count + 1 } }
      }),

    listLicenses: (accountId, filter, page) => {
      const { query, parameters } = listQuery(accountId, filter)
      return store.read(() => store.list(query, parameters, page))
    },
  }
}

function insertLicenses(store: Store, accountId: string, input: InsertLicenses): InsertLicensesOutcome {
  const [first] = input.licenses
  const isActive = (productId: string) => readProduct(store, accountId, productId)?.active === true
  if (first?.productIds.every(isActive) !== true) return { kind: 'product-not-found' }
  if (hasTakenKey(store, input)) return { kind: 'key-taken' }
  const customer = settleCustomer(store, accountId, first.customerId, input.newCustomer)
  if (customer !== null && 'kind' in customer) return customer
  return { kind: 'created', ...storeLicenses(store, accountId, input, customer) }
}

function hasTakenKey(store: Store, { licenses }: InsertLicenses): boolean {
  const keys = new Set(licenses.map((license) => license.canonicalKey))
  if (keys.size < licenses.length) return true
  const stored = store.sql('SELECT 1 FROM licenses WHERE canonical_key = ?')
  return [...keys].some((key) => stored.get(key) !== undefined)
}

function storeLicenses(store: Store, accountId: string, input: InsertLicenses, customerRow: CustomerRow | null) {
  const seq = accountSeq(store, accountId)
  const customer = customerRow && toCustomer(customerRow)
  const list = store.sql(
    'INSERT INTO license_products (account_seq, product_id, created_at, license_seq) VALUES (?, ?, ?, ?)',
  )
  const licenses = input.licenses.map((license) => ({ ...license, accountId, customerId: customer?.id ?? null }))
  for (const license of licenses) {
    const record = { account_seq: seq, activation_count: 0, ...licenseRecord(license, customerRow?.seq ?? null) }
    const licenseSeq = store.insert('licenses', record)
    for (const productId of new Set(license.productIds)) list.run(seq, productId, license.createdAt, licenseSeq)
  }
  return { licenses, customer }
}

function updateLicense(
  store: Store,
  accountId: string,
  target: LicenseTarget,
  { newCustomer, ...changes }: LicenseChanges & Pick<InsertLicenses, 'newCustomer'>,
  now: Date,
) {
  const row = readTarget(store, accountId, target)
  if ('kind' in row) return row
  const before = toLicense(row)
  const changed = { ...before, ...withoutUndefined(changes), updatedAt: now }
  const customer = settleCustomer(store, accountId, changed.customerId, newCustomer)
  if (customer !== null && 'kind' in customer) return customer

  const isBlocking = changed.blocked && !before.blocked
  if (isBlocking) revoke(store, 'l.seq = ?', [row.seq], now)
  const tokenGeneration = before.tokenGeneration + (isBlocking ? 1 : 0)
  const license = { ...changed, customerId: customer?.id ?? null, tokenGeneration }
  store.update('licenses', row.seq, licenseRecord(license, customer?.seq ?? null))
  return { kind: 'updated', license } as const
}

/** What a list is narrowed to decides which index gives it in order: the account's, the customer's, the product's. */
function listQuery(accountId: string, { productId, customerId }: Parameters<Storage['listLicenses']>[1]) {
  const ofAccount = 'account_seq = (SELECT seq FROM accounts WHERE id = ?)'
  const list = { columns: LICENSE_COLUMNS, from: 'licenses l', orderBy: 'l.created_at, l.seq', toEntity: toLicense }

  if (customerId !== undefined) {
    // The + keeps SQLite from taking the account's index, which is longer than the customer's.
    const where = `+l.${ofAccount} AND l.customer_seq = (SELECT seq FROM customers WHERE id = ?)`
    if (productId === undefined) return { query: { ...list, where }, parameters: [accountId, customerId] }
    const sold = `EXISTS (SELECT 1 FROM license_products p
      WHERE p.account_seq = l.account_seq AND p.product_id = ? AND p.created_at = l.created_at AND p.license_seq = l.seq)`
    return { query: { ...list, where: `${where} AND ${sold}` }, parameters: [accountId, customerId, productId] }
  }
  if (productId === undefined) return { query: { ...list, where: `l.${ofAccount}` }, parameters: [accountId] }
  const query = {
    ...list,
    from: 'license_products p CROSS JOIN licenses l ON l.seq = p.license_seq',
    countFrom: 'license_products p',
    where: `p.${ofAccount} AND p.product_id = ?`,
    orderBy: 'p.created_at, p.license_seq',
  }
  return { query, parameters: [accountId, productId] }
}
