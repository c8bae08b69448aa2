import type { Customer } from '../../domain/customer'
import { canonicalEmail } from '../../domain/customer'
import {
  decideInsertCustomer,
  decideUpdateCustomer,
  type InsertCustomerOutcome,
  type UpdateCustomerOutcome,
} from '../../domain/decide-customer'
import { forNow, only } from '../../domain/decision'
import { mayChangeCustomer, maySeeCustomer } from '../../domain/product-list'
import type { Query } from '../contract'
import { refuseTakenId } from './account-verbs'
import type { CustomerVerbs } from './customer-contract'
import { deleteCustomer } from './delete-customer'
import { lookUp } from './facts'
import { licensesFor, licensesOf } from './license-target'
import { listCustomers } from './list-customers'
import { type Keeping, look, mutate } from './run-step'

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
        queries: [
          lookUp('customer', [customerId], { follow: licensesFor(step.products) }),
          lookForHolder(accountId, email ?? null),
        ],
        decide([customers, holders], facts) {
          const customer = ownedBy(accountId, facts.one('customer', customers))
          if (customer === null) return only({ kind: 'gone' })
          if (!mayChangeCustomer(licensesOf(facts, customers), step.products)) return forNow({ kind: 'not-covered' })
          return decideUpdateCustomer(customer, changes, facts.one('customer', holders), step.now)
        },
      })
    },

    deleteCustomer: (accountId, customerId, step) => deleteCustomer(keeping, accountId, customerId, step),

    findCustomer: (accountId, customerId, products) =>
      look(keeping, [lookUp('customer', [customerId], { follow: licensesFor(products) })], ([customers], facts) =>
        maySeeCustomer(licensesOf(facts, customers), products)
          ? ownedBy(accountId, facts.one('customer', customers))
          : null,
      ),

    findCustomerByEmail: (accountId, email) =>
      look(keeping, [lookForHolder(accountId, email)], ([customers], facts) => facts.one('customer', customers)),

    listCustomers: (accountId, filter, page) => listCustomers(keeping, accountId, filter, page),
  }
}

/** Who has an email in an account; nobody has none. */
export function lookForHolder(accountId: string, email: string | null): Query {
  return lookUp('customer', [accountId, email === null ? null : canonicalEmail(email)], { by: 'email' })
}

function ownedBy(accountId: string, customer: Customer | null): Customer | null {
  return customer?.accountId === accountId ? customer : null
}
