import { withoutUndefined } from '../../domain/fields'
import type { ProductVerbs } from '../verb-families'
import { orNull } from './columns'
import { productColumns, productVersionColumns } from './rows'
import { runStep } from './steps'
import type { Store } from './store'

const OF_ACCOUNT = 'SELECT * FROM @products WHERE id = $1 AND account_id = $2'
/** A version; the parameters are its id, its product's and its account's. */
const VERSION = `SELECT v.* FROM @product_versions v JOIN @products p ON p.id = v.product_id
  WHERE v.id = $1 AND p.id = $2 AND p.account_id = $3`

export function productVerbs(store: Store): ProductVerbs {
  return {
    insertProduct: (accountId, product, step) =>
      runStep(store, accountId, step, async (statements) => {
        const next = await statements.row('UPDATE @package_ids SET last = last + 1 RETURNING last')
        const numbered = { ...product, accountId, packageId: Number(next?.last) }
        await statements.insert('products', [productColumns.toRow(numbered)])
        return { kind: 'created', product: numbered }
      }),

    updateProduct: (accountId, productId, changes, step) =>
      runStep(store, accountId, step, async (statements) => {
        const row = await statements.row(`${OF_ACCOUNT} FOR NO KEY UPDATE`, [productId, accountId])
        if (row === undefined) return { kind: 'gone' }
        const product = { ...productColumns.toEntity(row), ...withoutUndefined(changes) }
        await statements.update('products', 'id', productId, productColumns.toRow(product))
        return { kind: 'updated', product }
      }),

    findProduct: async (accountId, productId) =>
      orNull(await store.row(OF_ACCOUNT, [productId, accountId]), productColumns.toEntity),

    async findProductsByPackageIds(accountId, packageIds) {
      const sql = 'SELECT * FROM @products WHERE account_id = $1 AND package_id = ANY ($2::bigint[])'
      return (await store.rows(sql, [accountId, packageIds])).map(productColumns.toEntity)
    },

    listProducts: (accountId, page) =>
      store.list(
        {
          columns: '*',
          from: '@products',
          where: 'account_id = $1',
          orderBy: 'package_id',
          toEntity: productColumns.toEntity,
        },
        [accountId],
        page,
      ),

    insertProductVersion: (accountId, version, step) =>
      runStep(store, accountId, step, async (statements) => {
        const product = await statements.row(OF_ACCOUNT, [version.productId, accountId])
        if (product === undefined) return { kind: 'gone' }
        await statements.insert('product_versions', [productVersionColumns.toRow(version)])
        return { kind: 'created', version }
      }),

    updateProductVersion: (accountId, productId, versionId, changes, step) =>
      runStep(store, accountId, step, async (statements) => {
        const row = await statements.row(`${VERSION} FOR NO KEY UPDATE OF v`, [versionId, productId, accountId])
        if (row === undefined) return { kind: 'gone' }
        const version = { ...productVersionColumns.toEntity(row), ...withoutUndefined(changes) }
        await statements.update('product_versions', 'id', versionId, productVersionColumns.toRow(version))
        return { kind: 'updated', version }
      }),

    findProductVersion: async (accountId, productId, versionId) =>
      orNull(await store.row(VERSION, [versionId, productId, accountId]), productVersionColumns.toEntity),

    listProductVersions: (accountId, productId, page) =>
      store.list(
        {
          columns: 'v.*',
          from: '@product_versions v JOIN @products p ON p.id = v.product_id',
          where: 'p.id = $1 AND p.account_id = $2',
          orderBy: 'v.created_at, v.seq',
          toEntity: productVersionColumns.toEntity,
        },
        [productId, accountId],
        page,
      ),
  }
}
