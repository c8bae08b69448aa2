import { changeAuthtoolClient } from '../../domain/authtool-client'
import { type Decided, insert, only, replace } from '../../domain/decision'
import { PACKAGE_IDS, type Product, type ProductChanges } from '../../domain/product'
import type { ProductVersion } from '../../domain/product-version'
import { refuseTakenId } from './account-verbs'
import { lookFor, lookUp } from './facts'
import { pageFrom, pageQuery } from './pages'
import type { ProductVerbs } from './product-contract'
import { type Keeping, look, mutate } from './run-step'

type Updated<K extends string, T> = ({ readonly kind: 'updated' } & Readonly<Record<K, T>>) | { readonly kind: 'gone' }
type UpdatedProduct = Updated<'product', Product> | { readonly kind: 'incomplete' | 'token-taken' }
type Created = { readonly kind: 'created'; readonly version: ProductVersion } | { readonly kind: 'gone' }

export function productVerbs(keeping: Keeping): ProductVerbs {
  return {
    insertProduct: (accountId, product, step) =>
      mutate<{ kind: 'created'; product: Product }>(keeping, accountId, step, {
        queries: [lookUp('product', [product.id]), lookUp('counter', [PACKAGE_IDS])],
        decide([products, counters], facts) {
          refuseTakenId(facts.one('product', products))
          const counter = facts.one('counter', counters)
          const packageId = (counter?.value ?? 0) + 1
          const counted = { name: PACKAGE_IDS, value: packageId }
          const stored = { ...product, accountId, packageId }
          return {
            outcome: { kind: 'created', product: stored },
            changes: [
              counter === null ? insert('counter', counted) : replace('counter', counter, counted),
              insert('product', stored),
            ],
          }
        },
      }),

    updateProduct: (accountId, productId, changes, step) =>
      mutate<UpdatedProduct>(keeping, accountId, step, {
        queries: [lookUp('product', [productId]), ...lookForToken(changes)],
        decide([products, holders], facts): Decided<UpdatedProduct> {
          const product = facts.one('product', products)
          if (product?.accountId !== accountId) return only({ kind: 'gone' })
          const { authtoolClient: client, ...others } = changes
          const authtoolClient =
            client === undefined ? product.authtoolClient : changeAuthtoolClient(product.authtoolClient, client)
          if (authtoolClient === 'incomplete') return only({ kind: authtoolClient })
          const holder = facts.one('product', holders)
          if (holder !== null && holder.id !== productId) return only({ kind: 'token-taken' })
          const updated = { ...product, ...others, authtoolClient }
          return { outcome: { kind: 'updated', product: updated }, changes: [replace('product', product, updated)] }
        },
      }),

    findProduct: (accountId, productId) =>
      look(keeping, [lookUp('product', [productId])], ([products], facts) => {
        const product = facts.one('product', products)
        return product?.accountId === accountId ? product : null
      }),

    findProductByAuthtoolToken: (tokenHash) =>
      look(keeping, [lookUp('product', [tokenHash], { by: 'authtoolToken' })], ([products], facts) =>
        facts.one('product', products),
      ),

    findProductsByPackageIds: (accountId, packageIds) =>
      look(
        keeping,
        packageIds.map((packageId) => lookUp('product', [packageId], { by: 'package' })),
        (answers, facts) =>
          answers
            .flatMap((products) => facts.all('product', products))
            .filter((product) => product.accountId === accountId),
      ),

    listProducts: (accountId, page) => {
      const query = pageQuery('ofAccount', [accountId], page)
      return look(keeping, [lookFor('product', query)], ([products], facts) =>
        pageFrom('product', products, facts, { query, page }),
      )
    },

    insertProductVersion: (accountId, version, step) =>
      mutate<Created>(keeping, accountId, step, {
        queries: [lookUp('product', [version.productId]), lookUp('productVersion', [version.id])],
        decide([products, versions], facts): Decided<Created> {
          if (facts.one('product', products)?.accountId !== accountId) return only({ kind: 'gone' })
          refuseTakenId(facts.one('productVersion', versions))
          return { outcome: { kind: 'created', version }, changes: [insert('productVersion', version)] }
        },
      }),

    updateProductVersion: (accountId, productId, versionId, changes, step) =>
      mutate<Updated<'version', ProductVersion>>(keeping, accountId, step, {
        queries: [lookUp('product', [productId]), lookUp('productVersion', [versionId])],
        decide([products, versions], facts): Decided<Updated<'version', ProductVersion>> {
          const version = versionOf(facts.one('product', products), facts.one('productVersion', versions), accountId)
          if (version === null) return only({ kind: 'gone' })
          const updated = { ...version, ...changes }
          return {
            outcome: { kind: 'updated', version: updated },
            changes: [replace('productVersion', version, updated)],
          }
        },
      }),

    findProductVersion: (accountId, productId, versionId) =>
      look(
        keeping,
        [lookUp('product', [productId]), lookUp('productVersion', [versionId])],
        ([products, versions], facts) =>
          versionOf(facts.one('product', products), facts.one('productVersion', versions), accountId),
      ),

    listProductVersions: (accountId, productId, page) =>
      look(
        keeping,
        [lookUp('product', [productId]), lookFor('productVersion', pageQuery('ofProduct', [productId], page))],
        ([products, versions], facts) =>
          facts.one('product', products)?.accountId === accountId
            ? pageFrom('productVersion', versions, facts)
            : { items: [], total: 0 },
      ),
  }
}

/** The product that has the package token which another is to have. */
function lookForToken({ authtoolClient }: ProductChanges) {
  const tokenHash = authtoolClient?.tokenHash
  return tokenHash === undefined ? [] : [lookUp('product', [tokenHash], { by: 'authtoolToken' })]
}

/** The version, where it is one of this product of the account. */
function versionOf(product: Product | null, version: ProductVersion | null, accountId: string): ProductVersion | null {
  return product?.accountId === accountId && version?.productId === product.id ? version : null
}
