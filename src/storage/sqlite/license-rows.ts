import { isSoldFor, type License } from '../../domain/license'
import type { Product } from '../../domain/product'
import type { ActivationTarget, LicenseTarget, Missing } from '../contract'
import { readProduct } from './product-verbs'
import { type LicenseRow, toLicense } from './rows'
import type { Store } from './store'

/** For use inside a step or a read: how licenses are found, and how they go. */
export const LICENSE_COLUMNS = `
  (SELECT a.id FROM accounts a WHERE a.seq = l.account_seq) AS account_id,
  (SELECT c.id FROM customers c WHERE c.seq = l.customer_seq) AS customer_id,
  l.*`

/** Rows of a license's own; the parameters are its id and its account's. */
export const OF_LICENSE = `
  license_seq = (SELECT seq FROM licenses WHERE id = ? AND account_seq = (SELECT seq FROM accounts WHERE id = ?))`

export function licenseByKey(store: Store, canonicalKey: string): LicenseRow | undefined {
  return store.sql<LicenseRow>(`SELECT ${LICENSE_COLUMNS} FROM licenses l WHERE canonical_key = ?`).get(canonicalKey)
}

export function licenseById(store: Store, accountId: string, id: string): LicenseRow | undefined {
  const row = store.sql<LicenseRow>(`SELECT ${LICENSE_COLUMNS} FROM licenses l WHERE id = ?`).get(id)
  return row?.account_id === accountId ? row : undefined
}

/** The license a target names, or how it is missing. */
export function readTarget(store: Store, accountId: string, target: LicenseTarget): LicenseRow | Missing {
  const { canonicalKey, productId } = target
  if (productId !== undefined) {
    return readSoldFor(store, accountId, { canonicalKey, productId })?.row ?? { kind: 'gone' }
  }
  const row = licenseByKey(store, canonicalKey)
  if (row === undefined) return { kind: 'gone' }
  return row.account_id === accountId ? row : { kind: 'foreign' }
}

export interface SoldLicense {
  readonly row: LicenseRow
  readonly license: License
  readonly product: Product
}

/** The license a target names with the product it is sold for. */
export function readSoldFor(store: Store, accountId: string, target: ActivationTarget): SoldLicense | undefined {
  const row = licenseByKey(store, target.canonicalKey)
  if (row?.account_id !== accountId) return undefined
  const product = readProduct(store, accountId, target.productId)
  const license = toLicense(row)
  return isSoldFor(license, product, accountId) ? { row, license, product } : undefined
}

/** What is needed of a license to delete it. */
export interface LicenseKeys {
  readonly seq: number
  readonly account_seq: number
  readonly product_ids: string
  readonly created_at: number
}

/** Deletes the license; its activations, sessions and allowances go with it. Revoking their tokens is the caller's, before. */
export function deleteLicenseRow(store: Store, license: LicenseKeys) {
  const { seq, account_seq, product_ids, created_at } = license
  const text =
    'DELETE FROM license_products WHERE account_seq = ? AND product_id = ? AND created_at = ? AND license_seq = ?'
  const unlist = store.sql(text)
  for (const productId of new Set<string>(JSON.parse(product_ids))) unlist.run(account_seq, productId, created_at, seq)
  store.sql('DELETE FROM licenses WHERE seq = ?').run(seq)
}
