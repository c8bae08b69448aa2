import { changeAuthtoolClient } from '../../../../../src/domain/authtool-client'
import type { Product } from '../../../../../src/domain/product'
import type { ProductVersion } from '../../../../../src/domain/product-version'
import type { ProductVerbs } from '../../../../../src/storage/verbs/product-contract'
import type { Handle } from './handle'
import { byPackageId, emptyPage, oldestFirst, pageOf } from './lists'
import { owned, ownedBy, refuseTakenId, type Tables } from './tables'

export function productVerbs(handle: Handle): ProductVerbs {
  return {
    insertProduct: (accountId, product, step) =>
      handle.mutate(accountId, step, (tables) => {
        const stored = { ...structuredClone(product), accountId, packageId: tables.lastPackageId + 1 }
        refuseTakenId(tables.products, product)
        tables.products.set(stored.id, stored)
        tables.lastPackageId = stored.packageId
        return { kind: 'created', product: stored }
      }),

    updateProduct: (accountId, productId, changes, step) =>
      handle.mutate(accountId, step, ({ products }) => {
        const product = owned(products, productId, accountId)
        if (product === null) return { kind: 'gone' }
        const { authtoolClient: client, ...others } = structuredClone(changes)
        const authtoolClient =
          client === undefined ? product.authtoolClient : changeAuthtoolClient(product.authtoolClient, client)
        if (authtoolClient === 'incomplete') return { kind: authtoolClient }
        const holder = client?.tokenHash === undefined ? undefined : productWith(handle.tables, client.tokenHash)
        if (holder !== undefined && holder.id !== productId) return { kind: 'token-taken' }
        const updated = { ...product, ...others, authtoolClient }
        products.set(productId, updated)
        return { kind: 'updated', product: updated }
      }),

    findProductByAuthtoolToken: async (tokenHash) => structuredClone(productWith(handle.tables, tokenHash) ?? null),

    findProduct: async (accountId, productId) => structuredClone(owned(handle.tables.products, productId, accountId)),

    findProductsByPackageIds: async (accountId, packageIds) => {
      const products = ownedBy(accountId, handle.tables.products)
      return structuredClone(products.filter((product) => packageIds.includes(product.packageId)))
    },

    listProducts: async (accountId, page) => pageOf(byPackageId(ownedBy(accountId, handle.tables.products)), page),

    insertProductVersion: (accountId, version, step) =>
      handle.mutate(accountId, step, ({ products, productVersions }) => {
        if (owned(products, version.productId, accountId) === null) return { kind: 'gone' }
        refuseTakenId(productVersions, version)
        const stored = structuredClone(version)
        productVersions.set(stored.id, stored)
        return { kind: 'created', version: stored }
      }),

    updateProductVersion: (accountId, productId, versionId, changes, step) =>
      handle.mutate(accountId, step, (tables) => {
        const version = versionOf(tables, accountId, productId, versionId)
        if (version === null) return { kind: 'gone' }
        const updated = { ...version, ...structuredClone(changes) }
        tables.productVersions.set(versionId, updated)
        return { kind: 'updated', version: updated }
      }),

    findProductVersion: async (accountId, productId, versionId) =>
      structuredClone(versionOf(handle.tables, accountId, productId, versionId)),

    listProductVersions: async (accountId, productId, page) => {
      const { products, productVersions } = handle.tables
      if (owned(products, productId, accountId) === null) return emptyPage()
      const versions = [...productVersions.values()].filter((version) => version.productId === productId)
      return pageOf(oldestFirst(versions), page)
    },
  }
}

function productWith({ products }: Tables, tokenHash: string): Product | undefined {
  return [...products.values()].find(({ authtoolClient }) => authtoolClient?.tokenHash === tokenHash)
}

function versionOf(tables: Tables, accountId: string, productId: string, versionId: string): ProductVersion | null {
  const version = tables.productVersions.get(versionId)
  const product = owned(tables.products, productId, accountId)
  return product !== null && version?.productId === product.id ? version : null
}
