import { withoutUndefined } from '../../domain/fields'
import { isSoldFor, type License } from '../../domain/license'
import type {
  InsertLicenses,
  InsertLicensesOutcome,
  LicenseChanges,
  LicenseTarget,
  Missing,
  Storage,
} from '../contract'
import type { LicenseVerbs } from '../verb-families'
import type { Row } from './columns'
import { settleCustomer } from './customer-verbs'
import { licenseRow, productColumns, toCustomer, toLicense } from './rows'
import { runStep, type StepWork } from './steps'
import type { Statements, Store } from './store'

export function licenseVerbs(store: Store): LicenseVerbs {
  return {
    insertLicenses: (accountId, input, step) =>
      runStep(store, accountId, step, (statements) => insertLicenses(statements, accountId, input)),

    async findLicense(accountId, canonicalKey) {
      const sql = `SELECT l AS license, c AS customer FROM @licenses l LEFT JOIN @customers c ON c.id = l.customer_id
        WHERE l.canonical_key = $1`
      const row = await store.row(sql, [canonicalKey])
      if (row === undefined) return { kind: 'gone' }
      const license = toLicense(row.license as Row)
      if (license.accountId !== accountId) return { kind: 'foreign' }
      const customer = row.customer as Row | null
      return { kind: 'found', license, customer: customer && toCustomer(customer) }
    },

    updateLicense: (accountId, target, changes, step) =>
      runStep(store, accountId, step, (statements) => updateLicense(statements, accountId, target, changes, step.now)),

    deleteLicense: (accountId, target, step) =>
      runStep(store, accountId, step, async (statements) => {
        const locked = await lockTarget(statements, accountId, target, 'FOR UPDATE')
        if ('kind' in locked) return locked
        await revokeAll(statements, locked.seq, step.now)
        await statements.rows('DELETE FROM @licenses WHERE seq = $1 RETURNING 1', [locked.seq])
        return { kind: 'deleted', license: locked.license }
      }),

    resetLicense: (accountId, target, step) =>
      runStep(store, accountId, step, async (statements) => {
        const locked = await lockTarget(statements, accountId, target, 'FOR NO KEY UPDATE')
        if ('kind' in locked) return locked
        await revokeAll(statements, locked.seq, step.now)
        for (const table of ['activations', 'sessions', 'allowances']) {
          await statements.rows(`DELETE FROM @${table} WHERE license_seq = $1 RETURNING 1`, [locked.seq])
        }
        const reset = `UPDATE @licenses SET activation_count = 0, reset_count = reset_count + 1
          WHERE seq = $1 RETURNING *`
        const [row = {}] = await statements.rows(reset, [locked.seq])
        return { kind: 'reset', license: toLicense(row) }
      }),

    listLicenses(accountId, filter, page) {
      const { query, parameters } = listQuery(accountId, filter)
      return store.list(query, parameters, page)
    },
  }
}

async function insertLicenses(
  statements: StepWork,
  accountId: string,
  input: InsertLicenses,
): Promise<InsertLicensesOutcome> {
  const [first] = input.licenses
  const productIds = [...new Set(first?.productIds)]
  const active = `SELECT id FROM @products WHERE account_id = $1 AND active AND id = ANY ($2::text[])`
  const found = await statements.rows(active, [accountId, productIds])
  if (first === undefined || found.length < productIds.length) return { kind: 'product-not-found' }
  if (await hasTakenKey(statements, input)) return { kind: 'key-taken' }
  const customer = await settleCustomer(statements, accountId, first.customerId, input.newCustomer)
  if (customer !== null && 'kind' in customer) return customer

  const licenses = input.licenses.map((license) => ({ ...license, accountId, customerId: customer?.id ?? null }))
  await statements.insert('licenses', licenses.map(licenseRow))
  await listByProduct(
    statements,
    licenses.map(({ id }) => id),
  )
  return { kind: 'created', licenses, customer }
}

/** A key that is stored between this look and our write is found by trying the step again. */
async function hasTakenKey(statements: Statements, { licenses }: InsertLicenses): Promise<boolean> {
  const keys = new Set(licenses.map((license) => license.canonicalKey))
  if (keys.size < licenses.length) return true
  const sql = 'SELECT 1 FROM @licenses WHERE canonical_key = ANY ($1::text[]) LIMIT 1'
  return (await statements.row(sql, [[...keys]])) !== undefined
}

/** Enters licenses just stored in the lists of their products; inside a step. */
export async function listByProduct(statements: Statements, licenseIds: readonly string[]) {
  const sql = `INSERT INTO @license_products (product_id, created_at, license_seq)
    SELECT DISTINCT p.id, l.created_at, l.seq FROM @licenses l, unnest(l.product_ids) p (id)
    WHERE l.id = ANY ($1::text[]) RETURNING 1`
  await statements.rows(sql, [licenseIds])
}

async function updateLicense(
  statements: StepWork,
  accountId: string,
  target: LicenseTarget,
  { newCustomer, ...changes }: LicenseChanges & Pick<InsertLicenses, 'newCustomer'>,
  now: Date,
) {
  const locked = await lockTarget(statements, accountId, target, 'FOR NO KEY UPDATE')
  if ('kind' in locked) return locked
  const { license: before, seq } = locked
  const changed = { ...before, ...withoutUndefined(changes), updatedAt: now }
  const customer = await settleCustomer(statements, accountId, changed.customerId, newCustomer)
  if (customer !== null && 'kind' in customer) return customer

  const isBlocking = changed.blocked && !before.blocked
  if (isBlocking) await revokeAll(statements, seq, now)
  const tokenGeneration = before.tokenGeneration + (isBlocking ? 1 : 0)
  const license = { ...changed, customerId: customer?.id ?? null, tokenGeneration }
  await statements.update('licenses', 'seq', seq, licenseRow(license))
  return { kind: 'updated', license } as const
}

interface LockedLicense {
  readonly seq: number
  readonly license: License
}

/** The license a target names, locked, or how it is missing. */
async function lockTarget(
  statements: Statements,
  accountId: string,
  { canonicalKey, productId }: LicenseTarget,
  lock: 'FOR UPDATE' | 'FOR NO KEY UPDATE',
): Promise<LockedLicense | Missing> {
  const row = await statements.row(`SELECT * FROM @licenses WHERE canonical_key = $1 ${lock}`, [canonicalKey])
  if (row === undefined) return { kind: 'gone' }
  const locked = { seq: Number(row.seq), license: toLicense(row) }
  if (productId === undefined) return locked.license.accountId === accountId ? locked : { kind: 'foreign' }
  const productRow = await statements.row('SELECT * FROM @products WHERE id = $1', [productId])
  const product = productRow === undefined ? null : productColumns.toEntity(productRow)
  const isSold = locked.license.accountId === accountId && isSoldFor(locked.license, product, accountId)
  return isSold ? locked : { kind: 'gone' }
}

async function revokeAll(statements: Statements, seq: number, now: Date) {
  await statements.rows('SELECT count(@revoke(l, NULL, $2)) FROM @licenses l WHERE l.seq = $1', [seq, now])
}

/** What a list is narrowed to decides which index gives it in order: the account's, the customer's, the product's. */
function listQuery(accountId: string, { productId, customerId }: Parameters<Storage['listLicenses']>[1]) {
  const list = { columns: 'l.*', from: '@licenses l', orderBy: 'l.created_at, l.seq', toEntity: toLicense }
  if (customerId !== undefined) {
    const where = 'l.account_id = $1 AND l.customer_id = $2'
    if (productId === undefined) return { query: { ...list, where }, parameters: [accountId, customerId] }
    const sold = `${where} AND $3 = ANY (l.product_ids)`
    return { query: { ...list, where: sold }, parameters: [accountId, customerId, productId] }
  }
  if (productId === undefined) return { query: { ...list, where: 'l.account_id = $1' }, parameters: [accountId] }
  const query = {
    ...list,
    from: `@license_products p JOIN @licenses l ON l.seq = p.license_seq`,
    // All licenses of a product are its account's.
    countFrom: '@license_products p',
    where: 'p.product_id = (SELECT id FROM @products WHERE id = $2 AND account_id = $1)',
    orderBy: 'p.created_at, p.license_seq',
  }
  return { query, parameters: [accountId, productId] }
}
