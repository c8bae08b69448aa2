import { type BuyerFacts, chooseBuyer, type NewCustomer } from '../../domain/decide-customer'
import { decideDeleteLicense } from '../../domain/decide-delete-license'
import {
  decideInsertLicenses,
  decideReset,
  decideUpdateLicense,
  type InsertLicensesOutcome,
  type UpdateLicenseOutcome,
} from '../../domain/decide-license'
import { type Decided, forNow, only } from '../../domain/decision'
import type { License } from '../../domain/license'
import { maySeeCustomer, type ProductList } from '../../domain/product-list'
import { type AskedVersion, isAssignable } from '../../domain/product-version'
import type { Answer, Query } from '../contract'
import { refuseTakenId } from './account-verbs'
import { lookForHolder } from './customer-verbs'
import { describeLicense } from './describe-license'
import { type Facts, lookFor, lookUp } from './facts'
import type { LicenseVerbs } from './license-contract'
import {
  BELONGINGS,
  belongingsOf,
  CEILING,
  LAST_TOKEN,
  licensesFor,
  licensesOf,
  lookForTarget,
  OWN_CUSTOMER,
  targetOf,
  tokensOf,
} from './license-target'
import { listLicenses } from './list-licenses'
import { type Keeping, look, mutate } from './run-step'
import type { FindLicenseOutcome, InsertLicenses, Missing } from './store'

type Deleted = { readonly kind: 'deleted'; readonly license: License } | Missing
type Reset = { readonly kind: 'reset'; readonly license: License } | Missing

export function licenseVerbs(keeping: Keeping): LicenseVerbs {
  return {
    insertLicenses: (accountId, input, step) =>
      mutate(keeping, accountId, step, insertLicenses(accountId, input, step.products)),

    findLicense: (accountId, canonicalKey) =>
      look<FindLicenseOutcome>(keeping, lookForTarget({ canonicalKey }, OWN_CUSTOMER), (answers, facts) => {
        const named = targetOf(facts, answers, accountId, { canonicalKey })
        return 'kind' in named ? named : { kind: 'found', license: named.license, customer: named.customer }
      }),

    findLicenseById: (accountId, licenseId) =>
      look(keeping, [lookUp('license', [licenseId])], ([licenses], facts) => {
        const license = facts.one('license', licenses)
        return license?.accountId === accountId ? license : null
      }),

    findLicenseByLooseForm: (accountId, form) =>
      look<License | null>(
        keeping,
        [lookFor('license', { by: 'ofLooseKey', equal: [accountId, form], limit: 2 })],
        ([licenses], facts) => {
          const [one = null, another] = facts.all('license', licenses)
          return another === undefined ? one : null
        },
      ),

    describeLicense: (...asked) => describeLicense(keeping, ...asked),

    updateLicense: (accountId, target, { newCustomer, ...changes }, step) => {
      const named = lookForTarget(target, changes.blocked === true ? { ...LAST_TOKEN, ...OWN_CUSTOMER } : OWN_CUSTOMER)
      const { products } = step
      const buyerQueries = lookForBuyer(accountId, changes.customerId ?? null, newCustomer, products)
      return mutate<UpdateLicenseOutcome | Missing>(keeping, accountId, step, {
        queries: [...named, CEILING, ...buyerQueries, ...lookForVersion(changes.versionId)],
        decide(answers, facts) {
          const [ceiling, ...rest] = answers.slice(named.length)
          const buyers = rest.slice(0, buyerQueries.length)
          const tied = versionOf(facts, answers.at(-1), changes.versionId)
          const may = (productIds: readonly string[]) => tied === undefined || isAssignable(tied, accountId, productIds)
          const { productId } = target
          if (productId !== undefined && !may([productId])) return forNow({ kind: 'version-not-found' })
          const found = targetOf(facts, answers, accountId, target, products)
          if ('kind' in found) return only(found)
          const { license } = found
          if (!may(license.productIds)) return forNow({ kind: 'version-not-found' })
          const asked = buyerOf(facts, buyers, accountId, changes.customerId ?? null, newCustomer, products)
          const kept = { ...asked, customerId: license.customerId, named: found.customer, isHidden: false }
          const buyer = chooseBuyer(changes.customerId === undefined ? kept : asked)
          const decided = decideUpdateLicense(
            license,
            changes,
            buyer,
            { version: tied?.version ?? null, ...tokensOf(facts, found.found, ceiling) },
            step.now,
          )
          if (decided.changes.length > 0) refuseTakenCustomerId(facts, buyers, newCustomer)
          return decided
        },
      })
    },

    deleteLicense: (accountId, target, step) =>
      mutate<Deleted>(keeping, accountId, step, {
        queries: [...lookForTarget(target, BELONGINGS), CEILING],
        decide(answers, facts): Decided<Deleted> {
          const named = targetOf(facts, answers, accountId, target, step.products)
          if ('kind' in named) return only(named)
          const { outcome: license, ...decided } = decideDeleteLicense(
            named.license,
            belongingsOf(facts, named.found),
            tokensOf(facts, named.found, answers.at(-1)),
            step.now,
          )
          return { ...decided, outcome: { kind: 'deleted', license } }
        },
      }),

    resetLicense: (accountId, target, step) =>
      mutate<Reset>(keeping, accountId, step, {
        queries: [...lookForTarget(target, BELONGINGS), CEILING],
        decide(answers, facts) {
          const named = targetOf(facts, answers, accountId, target, step.products)
          if ('kind' in named) return only(named)
          const tokens = tokensOf(facts, named.found, answers.at(-1))
          return decideReset(named.license, belongingsOf(facts, named.found), tokens, step.now)
        },
      }),

    listLicenses: (accountId, filter, page) => listLicenses(keeping, accountId, filter, page),
  }
}

function insertLicenses(accountId: string, { licenses, newCustomer }: InsertLicenses, wanted: ProductList) {
  const productIds = [...new Set(licenses.flatMap((license) => license.productIds))]
  const customerId = licenses[0]?.customerId ?? null
  const buyer = lookForBuyer(accountId, customerId, newCustomer, wanted)
  const keys = licenses.map(({ canonicalKey }) => lookUp('license', [canonicalKey], { by: 'canonicalKey' }))
  const ids = licenses.map(({ id }) => lookUp('license', [id]))
  const versionId = licenses[0]?.versionId
  const products = productIds.map((id) => lookUp('product', [id]))
  return {
    // The buyer first, else the key: sales for one buyer take turns, and others go side by side.
    queries: [...buyer, ...keys, ...ids, ...products, ...lookForVersion(versionId)],
    decide(answers: readonly Answer[], facts: Facts): Decided<InsertLicensesOutcome> {
      const buyers = answers.slice(0, buyer.length)
      const known = answers.slice(buyer.length)
      const isTaken = known.slice(0, keys.length).some(({ rows }) => rows.length > 0)
      const sold = known.slice(keys.length + ids.length).slice(0, productIds.length)
      const products = sold.flatMap((answer) => facts.all('product', answer))
      const asked = buyerOf(facts, buyers, accountId, customerId, newCustomer, wanted)
      const version = versionOf(facts, answers.at(-1), versionId)
      const decided = decideInsertLicenses(licenses, products, version, asked, isTaken)
      if (decided.changes.length > 0) {
        refuseTakenCustomerId(facts, buyers, newCustomer)
        for (const answer of known.slice(keys.length, keys.length + ids.length))
          refuseTakenId(facts.one('license', answer))
      }
      return decided
    },
  }
}

/** The version that a license is to be tied to, with its product, as the last of the queries; none where it is to none. */
function lookForVersion(versionId: string | null | undefined): readonly Query[] {
  if (versionId === null || versionId === undefined) return []
  return [lookUp('productVersion', [versionId], { follow: { product: lookUp('product', [{ column: 'product_id' }]) } })]
}

function versionOf(
  facts: Facts,
  versions: Answer | undefined,
  versionId: string | null | undefined,
): AskedVersion | undefined {
  if (versionId === null || versionId === undefined) return undefined
  const product = facts.one('product', versions?.rows[0]?.followed.product)
  return { version: facts.one('productVersion', versions), product }
}

/** The customer named, who has the new customer's email, and who has the new customer's id. */
function lookForBuyer(
  accountId: string,
  customerId: string | null,
  newCustomer: NewCustomer | undefined,
  products: ProductList,
): readonly Query[] {
  if (customerId === null && newCustomer === undefined) return []
  return [
    lookUp('customer', [customerId], { follow: licensesFor(products) }),
    lookForHolder(accountId, newCustomer?.customer.email ?? null),
    lookUp('customer', [newCustomer?.customer.id ?? null]),
  ]
}

function buyerOf(
  facts: Facts,
  [named, holders]: readonly Answer[],
  accountId: string,
  customerId: string | null,
  newCustomer: NewCustomer | undefined,
  products: ProductList,
): BuyerFacts {
  return {
    accountId,
    customerId,
    named: facts.one('customer', named),
    newCustomer,
    holder: facts.one('customer', holders),
    isHidden: products !== undefined && !maySeeCustomer(licensesOf(facts, named), products),
  }
}

/** The id of a new customer is a fault where it is taken, but only for a step that stores the customer. */
function refuseTakenCustomerId(
  facts: Facts,
  [, holders, taken]: readonly Answer[],
  newCustomer: NewCustomer | undefined,
): void {
  const isStored = newCustomer !== undefined && facts.one('customer', holders) === null
  if (isStored) refuseTakenId(facts.one('customer', taken))
}
