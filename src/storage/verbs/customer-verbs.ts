import type { Customer } from '../../domain/customer'
import { canonicalEmail } from '../../domain/customer'
import {
  decideInsertCustomer,
  decideUpdateCustomer,
  type InsertCustomerOutcome,
  type UpdateCustomerOutcome,
} from '../../domain/decide-customer'
import { decideDeleteLicense } from '../../domain/decide-delete-license'
import { type Decided, only, remove } from '../../domain/decision'
import type { Query } from '../contract'
import { refuseTakenId } from './account-verbs'
import type { CustomerVerbs } from './customer-contract'
import { lookFor, lookUp } from './facts'
import { belongingsOf, CEILING, EVERYTHING_OF_A_LICENSE, tokensOf } from './license-target'
import { pageFrom, pageQuery } from './pages'
import { type Keeping, look, mutate } from './run-step'

type DeleteOutcome = { readonly kind: 'deleted'; readonly licenses: number } | { readonly kind: 'gone' }

export function customerVerbs(keeping: Keeping): CustomerVerbs {
  return {
    insertCustomer: (accountId, customer, step) =>
      mutate<InsertCustomerOutcome>(keeping, accountId, step, {
        queries: [lookForHolder(accountId, customer.email), lookUp('customer', [customer.id])],
        decide([holders, customers], facts) {
          const decided = decideInsertCustomer(customer, facts.one('customer', holders))
          if (decided.changes.length > 0) refuseTakenId(facts.one('customer', customers))
          return decided
        },
      }),

    updateCustomer: (accountId, customerId, changes, step) => {
      const email = changes === 'toggle' ? undefined : changes.email
      return mutate<UpdateCustomerOutcome>(keeping, accountId, step, {
        queries: [lookUp('customer', [customerId]), lookForHolder(accountId, email ?? null)],
        decide([customers, holders], facts) {
          const customer = ownedBy(accountId, facts.one('customer', customers))
          if (customer === null) return only({ kind: 'gone' })
          return decideUpdateCustomer(customer, changes, facts.one('customer', holders), step.now)
        },
      })
    },

    deleteCustomer: (accountId, customerId, step) =>
      mutate<DeleteOutcome>(keeping, accountId, step, {
        queries: [
          lookUp('customer', [customerId]),
          lookFor('license', { by: 'ofCustomer', equal: [customerId], follow: EVERYTHING_OF_A_LICENSE }),
          CEILING,
        ],
        decide([customers, licenses, ceiling], facts): Decided<DeleteOutcome> {
          const customer = ownedBy(accountId, facts.one('customer', customers))
          if (customer === null) return only({ kind: 'gone' })
          const deleted = (licenses?.rows ?? []).map((found) =>
            decideDeleteLicense(
              facts.entity('license', found),
              belongingsOf(facts, found),
              tokensOf(facts, found, ceiling),
              step.now,
            ),
          )
          return {
            outcome: { kind: 'deleted', licenses: deleted.length },
            changes: [remove('customer', customer), ...deleted.flatMap(({ changes }) => changes)],
            revoked: deleted.flatMap(({ revoked = [] }) => revoked),
          }
        },
      }),

    findCustomer: (accountId, customerId) =>
      look(keeping, [lookUp('customer', [customerId])], ([customers], facts) =>
        ownedBy(accountId, facts.one('customer', customers)),
      ),

    findCustomerByEmail: (accountId, email) =>
      look(keeping, [lookForHolder(accountId, email)], ([customers], facts) => facts.one('customer', customers)),

    listCustomers: (accountId, { email }, page) =>
      look(
        keeping,
        [
          email === undefined
            ? lookFor('customer', pageQuery('ofAccount', [accountId], page))
            : lookFor('customer', pageQuery('email', [accountId, canonicalEmail(email)], page)),
        ],
        ([customers], facts) => pageFrom('customer', customers, facts),
      ),
  }
}

/** Who has an email in an account; nobody has none. */
export function lookForHolder(accountId: string, email: string | null): Query {
  return lookUp('customer', [accountId, email === null ? null : canonicalEmail(email)], { by: 'email' })
}

function ownedBy(accountId: string, customer: Customer | null): Customer | null {
  return customer?.accountId === accountId ? customer : null
}
