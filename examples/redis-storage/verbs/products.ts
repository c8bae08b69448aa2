import type { Product, ProductVersion, Storage } from 'keyslot/storage'
import { productAsk, versionAsk } from '../asks'
import { rowOf } from '../rows'
import type { Store } from '../store'

type ProductVerbs = Pick<
  Storage,
  | 'insertProduct'
  | 'updateProduct'
  | 'findProduct'
  | 'findProductsByPackageIds'
  | 'listProducts'
  | 'insertProductVersion'
  | 'updateProductVersion'
  | 'findProductVersion'
  | 'listProductVersions'
>

export function productVerbs(store: Store): ProductVerbs {
  return {
    insertProduct: (accountId, product, step) =>
      store.mutate('products', 'insertProduct', accountId, step, { new: productAsk({ ...product, accountId }) }),
    updateProduct: (accountId, id, changes, step) =>
      store.mutate('products', 'updateProduct', accountId, step, { id, changes: rowOf(changes) }),
    findProduct: (account, id) => store.find<Product>('products', 'findProduct', { account, id }),
    findProductsByPackageIds: (account, packageIds) =>
      store.findAll<Product>('products', 'findProductsByPackageIds', { account, packageIds: packageIds.map(String) }),
    listProducts: (account, page) => store.page('products', 'listProducts', page, { account }),

    insertProductVersion: (accountId, version, step) =>
      store.mutate('products', 'insertProductVersion', accountId, step, { new: versionAsk(version) }),
    updateProductVersion: (accountId, product, id, changes, step) =>
      store.mutate('products', 'updateProductVersion', accountId, step, { product, id, changes: rowOf(changes) }),
    findProductVersion: (account, product, id) =>
      store.find<ProductVersion>('products', 'findProductVersion', { account, product, id }),
    listProductVersions: (account, product, page) =>
      store.page('products', 'listProductVersions', page, { account, product }),
  }
}
