import type { Product } from '../../domain/product'
import type { Storage } from '../contract'
import { definedOnly } from './changes'
import { type ProductRow, productRecord, toProduct } from './rows'
import type { Session } from './session'
import { accountSeq, runStep } from './steps'

type ProductVerbs = Pick<
  Storage,
  'insertProduct' | 'updateProduct' | 'findProduct' | 'findProductsByPackageIds' | 'listProducts'
>

const PRODUCT_COLUMNS = '(SELECT a.id FROM accounts a WHERE a.seq = p.account_seq) AS account_id, p.*'
const OF_ACCOUNT = 'p.account_seq = (SELECT seq FROM accounts WHERE id = ?)'

export function productVerbs(session: Session): ProductVerbs {
  return {
    insertProduct: (accountId, product, step) =>
      runStep(session, accountId, step, () => {
        session.insert('products', { account_seq: accountSeq(session, accountId), ...productRecord(product) })
        return { kind: 'created', product: stored(session, accountId, product.id) }
      }),

    updateProduct: (accountId, productId, changes, step) =>
      runStep(session, accountId, step, () => {
        const before = readProduct(session, accountId, productId)
        if (before === null) return { kind: 'gone' }
        const product = { ...before, ...definedOnly(changes) }
        session.update('products', before.packageId, productRecord(product))
        return { kind: 'updated', product }
      }),

    findProduct: (accountId, productId) => session.read(() => readProduct(session, accountId, productId)),

    findProductsByPackageIds: (accountId, packageIds) =>
      session.read(() => {
        const text = `SELECT ${PRODUCT_COLUMNS} FROM products p WHERE p.seq = ? AND ${OF_ACCOUNT}`
        const byPackageId = session.sql<ProductRow>(text)
        return [...new Set(packageIds)].flatMap((packageId) => byPackageId.all(packageId, accountId)).map(toProduct)
      }),

    listProducts: (accountId, page) =>
      session.read(() =>
        session.list(
          { columns: PRODUCT_COLUMNS, from: 'products p', where: OF_ACCOUNT, orderBy: 'p.seq', toEntity: toProduct },
          [accountId],
          page,
        ),
      ),
  }
}

/** The account's product; another account's is none. Inside a step or a read. */
export function readProduct(session: Session, accountId: string, productId: string): Product | null {
  const row = session.sql<ProductRow>(`SELECT ${PRODUCT_COLUMNS} FROM products p WHERE p.id = ?`).get(productId)
  return row?.account_id === accountId ? toProduct(row) : null
}

function stored(session: Session, accountId: string, productId: string): Product {
  const product = readProduct(session, accountId, productId)
  if (product === null) throw new Error('A product just stored is not there')
  return product
}
