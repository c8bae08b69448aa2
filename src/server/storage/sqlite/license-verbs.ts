import type { InsertLicenses, InsertLicensesOutcome, LicenseChanges, LicenseTarget, Storage } from '../contract'
import { definedOnly } from './changes'
import { customerByEmail, customerById, customerBySeq, storeCustomer } from './customer-verbs'
import { deleteLicenseRow, LICENSE_COLUMNS, readTarget } from './license-rows'
import { type CustomerRow, licenseRecord, toCustomer, toLicense } from './rows'
import type { Session } from './session'
import { accountSeq, runStep } from './steps'

type LicenseVerbs = Pick<
  Storage,
  'insertLicenses' | 'findLicense' | 'updateLicense' | 'deleteLicense' | 'resetLicense' | 'listLicenses'
>

export function licenseVerbs(session: Session): LicenseVerbs {
  return {
    insertLicenses: (accountId, input, step) =>
      runStep(session, accountId, step, () => insertLicenses(session, accountId, input)),

    findLicense: (accountId, canonicalKey) =>
      session.read(() => {
        const row = readTarget(session, accountId, { canonicalKey })
        if ('kind' in row) return row
        return { kind: 'found', license: toLicense(row), customer: customerBySeq(session, row.customer_seq) }
      }),

    updateLicense: (accountId, target, changes, step) =>
      runStep(session, accountId, step, () => updateLicense(session, accountId, target, changes, step.now)),

    deleteLicense: (accountId, target, step) =>
      runStep(session, accountId, step, () => {
        const row = readTarget(session, accountId, target)
        if ('kind' in row) return row
        deleteLicenseRow(session, row)
        return { kind: 'deleted', license: toLicense(row) }
      }),

    resetLicense: (accountId, target, step) =>
      runStep(session, accountId, step, () => {
        const row = readTarget(session, accountId, target)
        if ('kind' in row) return row
        session.sql('DELETE FROM activations WHERE license_seq = ?').run(row.seq)
        const text = 'UPDATE licenses SET activation_count = 0, reset_count = reset_count + 1 WHERE seq = ?'
        session.sql(text).run(row.seq)
        return { kind: 'reset', license: { ...toLicense(row), activationCount: 0, resetCount: row.reset_count + 1 } }
      }),

    listLicenses: (accountId, filter, page) => {
      const { query, parameters } = listQuery(accountId, filter)
      return session.read(() => session.list(query, parameters, page))
    },
  }
}

function insertLicenses(session: Session, accountId: string, input: InsertLicenses): InsertLicensesOutcome {
  const given = input.licenses[0]?.customerId ?? null
  const newcomer = input.newCustomer?.customer
  const holder = newcomer && customerByEmail(session, accountId, newcomer.email)
  if (holder !== undefined && input.newCustomer?.onEmailTaken === 'refuse') return { kind: 'email-taken' }
  const known = holder ?? (given === null ? undefined : customerById(session, accountId, given))
  if (known === undefined && newcomer === undefined && given !== null) return { kind: 'customer-not-found' }
  if (hasTakenKey(session, input)) return { kind: 'key-taken' }

  // Every refusal is behind us: from here on it is all written, or thrown and undone.
  const customer = newcomer === undefined ? known : (holder ?? storeCustomer(session, accountId, newcomer))
  return { kind: 'created', ...storeLicenses(session, accountId, input, customer) }
}

function hasTakenKey(session: Session, { licenses }: InsertLicenses): boolean {
  const keys = new Set(licenses.map((license) => license.canonicalKey))
  if (keys.size < licenses.length) return true
  const stored = session.sql('SELECT 1 FROM licenses WHERE canonical_key = ?')
  return [...keys].some((key) => stored.get(key) !== undefined)
}

function storeLicenses(
  session: Session,
  accountId: string,
  input: InsertLicenses,
  customerRow: CustomerRow | undefined,
) {
  const seq = accountSeq(session, accountId)
  const customer = customerRow === undefined ? null : toCustomer(customerRow)
  const list = session.sql(
    'INSERT INTO license_products (account_seq, product_id, created_at, license_seq) VALUES (?, ?, ?, ?)',
  )
  const licenses = input.licenses.map((license) => ({ ...license, accountId, customerId: customer?.id ?? null }))
  for (const license of licenses) {
    const record = { account_seq: seq, activation_count: 0, ...licenseRecord(license, customerRow?.seq ?? null) }
    const licenseSeq = session.insert('licenses', record)
    for (const productId of new Set(license.productIds)) list.run(seq, productId, license.createdAt, licenseSeq)
  }
  return { licenses, customer }
}

function updateLicense(session: Session, accountId: string, target: LicenseTarget, changes: LicenseChanges, now: Date) {
  const row = readTarget(session, accountId, target)
  if ('kind' in row) return row
  const license = { ...toLicense(row), ...definedOnly(changes), updatedAt: now }
  const customer = license.customerId === null ? null : customerById(session, accountId, license.customerId)
  if (customer === undefined) return { kind: 'customer-not-found' } as const
  session.update('licenses', row.seq, licenseRecord(license, customer?.seq ?? null))
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
