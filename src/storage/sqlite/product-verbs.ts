import { withoutUndefined } from '../../domain/fields'
import type { Product } from '../../domain/product'
import type { ProductVerbs } from '../verb-families'
import {
  type ProductRow,
  type ProductVersionRow,
  productRecord,
  productVersionRecord,
  toProduct,
  toProductVersion,
} from './rows'
import { accountSeq, runStep } from './steps'
import type { Store } from './store'

const PRODUCT_COLUMNS = '(SELECT a.id FROM accounts a WHERE a.seq = p.account_seq) AS account_id, p.*'
const OF_ACCOUNT = 'p.account_seq = (SELECT seq FROM accounts WHERE id = ?)'

const VERSION_COLUMNS = '(SELECT p.id FROM products p WHERE p.seq = v.product_seq) AS product_id, v.*'
/** The versions of a product; the parameters are its id and its account's. */
const OF_PRODUCT = `v.product_seq = (SELECT p.seq FROM products p WHERE p.id = ? AND ${OF_ACCOUNT})`

export function productVerbs(store: Store): ProductVerbs {
  return {
    insertProduct: (accountId, product, step) =>
      runStep(store, accountId, step, () => {
        const record = { account_seq: accountSeq(store, accountId), ...productRecord(product) }
        const seq = store.insert('products', record)
        const text = `SELECT ${PRODUCT_COLUMNS} FROM products p WHERE p.seq = ?`
        return { kind: 'created', product: toProduct(store.sql<ProductRow>(text).one(seq)) }
      }),

    updateProduct: (accountId, productId, changes, step) =>
      runStep(store, accountId, step, () => {
        const before = readProduct(store, accountId, productId)
        if (before === null) return { kind: 'gone' }
        const product = { ...before, ...withoutUndefined(changes) }
        store.update('products', before.packageId, productRecord(product))
        return { kind: 'updated', product }
      }),

    findProduct: (accountId, productId) => store.read(() => readProduct(store, accountId, productId)),

    findProductsByPackageIds: (accountId, packageIds) =>
      store.read(() => {
        const text = `SELECT ${PRODUCT_COLUMNS} FROM products p WHERE p.seq = ? AND ${OF_ACCOUNT}`
        const byPackageId = store.sql<ProductRow>(text)
        return [...new Set(packageIds)].flatMap((packageId) => byPackageId.all(packageId, accountId)).map(toProduct)
      }),

    listProducts: (accountId, page) =>
      store.read(() =>
        store.list(
          { columns: PRODUCT_COLUMNS, from: 'products p', where: OF_ACCOUNT, orderBy: 'p.seq', toEntity: toProduct },
          [accountId],
          page,
        ),
      ),

    insertProductVersion: (accountId, version, step) =>
      runStep(store, accountId, step, () => {
        const product = readProduct(store, accountId, version.productId)
        if (product === null) return { kind: 'gone' }
        store.insert('product_versions', { product_seq: product.packageId, ...productVersionRecord(version) })
        return { kind: 'created', version }
      }),

    updateProductVersion: (accountId, productId, versionId, changes, step) =>
      runStep(store, accountId, step, () => {
        const row = readVersion(store, accountId, productId, versionId)
        if (row === undefined) return { kind: 'gone' }
        const version = { ...toProductVersion(row), ...withoutUndefined(changes) }
        store.update('product_versions', row.seq, productVersionRecord(version))
        return { kind: 'updated', version }
      }),

    findProductVersion: (accountId, productId, versionId) =>
      store.read(() => {
        const row = readVersion(store, accountId, productId, versionId)
        return row === undefined ? null : toProductVersion(row)
      }),

    listProductVersions: (accountId, productId, page) =>
      store.read(() =>
        store.list(
          {
            columns: VERSION_COLUMNS,
            from: 'product_versions v',
            where: OF_PRODUCT,
            orderBy: 'v.created_at, v.seq',
            toEntity: toProductVersion,
          },
          [productId, accountId],
          page,
        ),
      ),
  }
}

function readVersion(
  store: Store,
  accountId: string,
  productId: string,
  versionId: string,
): ProductVersionRow | undefined {
  const text = `SELECT ${VERSION_COLUMNS} FROM product_versions v WHERE v.id = ? AND ${OF_PRODUCT}`
  return store.sql<ProductVersionRow>(text).get(versionId, productId, accountId)
}

/** The account's product; another account's is none. Inside a step or a read. */
export function readProduct(store: Store, accountId: string, productId: string): Product | null {
  const row = store.sql<ProductRow>(`SELECT ${PRODUCT_COLUMNS} FROM products p WHERE p.id = ?`).get(productId)
  return row?.account_id === accountId ? toProduct(row) : null
}
