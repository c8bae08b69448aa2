import type { Customer } from '../../domain/customer'
import { decideDeleteLicense } from '../../domain/decide-delete-license'
import { type Decided, forNow, only, remove } from '../../domain/decision'
import type { License } from '../../domain/license'
import { mayChangeCustomer, type ProductList } from '../../domain/product-list'
import type { Answer, Query } from '../contract'
import type { CustomerVerbs } from './customer-contract'
import { type Facts, lookFor, lookUp } from './facts'
import { BELONGINGS, belongingsOf, CEILING, licensesFor, licensesOf, tokensOf } from './license-target'
import type { NotCovered, Step } from './outcomes'
import { act, type Keeping, mutate } from './run-step'

/** Rows that go with a license, besides activations and sessions: what a step may remove counts them so. */
const ROWS_OF_A_LICENSE = 2

type Deletion =
  | { readonly kind: 'deleted'; readonly licenses: number }
  | { readonly kind: 'gone' }
  | NotCovered
  /** It has more licenses than one step deletes: some of them are to go before. */
  | { readonly kind: 'many' }

/** Deletes a customer with its licenses: in one step, or where these are too many, the first of them in steps before it. */
export async function deleteCustomer(
  keeping: Keeping,
  ...[accountId, customerId, step]: Parameters<CustomerVerbs['deleteCustomer']>
): ReturnType<CustomerVerbs['deleteCustomer']> {
  const most = Math.max(1, Math.floor(keeping.rowsAtOnce / ROWS_OF_A_LICENSE))
  const { now, products } = step
  const queries = lookForLicenses(customerId, most, products)
  for (let before = 0; ; before += await deleteSome(keeping, accountId, queries, step)) {
    const outcome = await mutate<Deletion>(keeping, accountId, step, {
      queries,
      decide(answers, facts): Decided<Deletion> {
        const customer = customerOf(accountId, answers, facts)
        if (customer === null) return only({ kind: 'gone' })
        if (!mayChangeCustomer(licensesOf(facts, answers[0]), products)) return forNow({ kind: 'not-covered' })
        const { outcome: deleted, ...decided } = decideAll(answers, facts, now)
        if (deleted.length > most) return forNow({ kind: 'many' })
        return {
          ...decided,
          outcome: { kind: 'deleted', licenses: before + deleted.length },
          changes: [remove('customer', customer), ...decided.changes],
        }
      },
    })
    if (outcome.kind !== 'many') return outcome
  }
}

/** @returns how many it has deleted */
function deleteSome(
  keeping: Keeping,
  accountId: string,
  queries: readonly Query[],
  { now, products }: Pick<Step<never>, 'now' | 'products'>,
): Promise<number> {
  return act(keeping, {
    queries,
    decide(answers, facts) {
      if (customerOf(accountId, answers, facts) === null) return only(0)
      if (!mayChangeCustomer(licensesOf(facts, answers[0]), products)) return only(0)
      const { outcome, ...decided } = decideAll(answers, facts, now)
      return { ...decided, outcome: outcome.length }
    },
  })
}

/** The customer, and its first licenses: one more than may go at once. */
function lookForLicenses(customerId: string, most: number, products: ProductList): readonly Query[] {
  const query = { by: 'ofCustomer', equal: [customerId], follow: BELONGINGS, limit: most + 1 }
  const customer = lookUp('customer', [customerId], { follow: licensesFor(products) })
  return [customer, lookFor('license', query), CEILING]
}

function customerOf(accountId: string, [customers]: readonly Answer[], facts: Facts): Customer | null {
  const customer = facts.one('customer', customers)
  return customer?.accountId === accountId ? customer : null
}

/** Deletes the licenses that were found. */
function decideAll([, licenses, ceiling]: readonly Answer[], facts: Facts, now: Date): Decided<readonly License[]> {
  const deleted = (licenses?.rows ?? []).map((found) => {
    const license = facts.entity('license', found)
    return decideDeleteLicense(license, belongingsOf(facts, found), tokensOf(facts, found, ceiling), now)
  })
  return {
    outcome: deleted.map(({ outcome }) => outcome),
    changes: deleted.flatMap(({ changes }) => changes),
    vacated: deleted.flatMap(({ vacated = [] }) => vacated),
    revoked: deleted.flatMap(({ revoked = [] }) => revoked),
  }
}
