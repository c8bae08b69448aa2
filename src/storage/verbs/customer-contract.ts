import type { Customer } from '../../domain/customer'
import type { CustomerChanges } from '../../domain/decide-customer'
import type { ProductList } from '../../domain/product-list'
import type { FoundPage, NotCovered, PageRequest, Step, StepResult, WalkRequest } from './outcomes'

interface CustomerFilter {
  readonly email?: string
  readonly products?: ProductList
}

export interface CustomerVerbs {
  /** Stores a customer. `email-taken` when the account has one whose `canonicalEmail` is equal. */
  insertCustomer(
    accountId: string,
    customer: Customer,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; customer: Customer } | { kind: 'email-taken' }>
  /**
   * Changes a customer; `updatedAt` becomes `step.now`. `toggle` flips `active` on the stored row. `not-covered` where one of
   * their licenses is (see `Step.products`).
   */
  updateCustomer(
    accountId: string,
    customerId: string,
    changes: CustomerChanges | 'toggle',
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; customer: Customer } | { kind: 'email-taken' } | { kind: 'gone' } | NotCovered>
  /**
   * Deletes the customer with its licenses and their activations, all or nothing. A customer of very many licenses loses them
   * in several steps, each whole, and is itself deleted with the last: what was planned for the step happens then.
   * `not-covered` where one of the licenses is (see `Step.products`): none is deleted then, but those of steps before.
   */
  deleteCustomer(
    accountId: string,
    customerId: string,
    step: Step<'deleted'>,
  ): StepResult<{ kind: 'deleted'; licenses: number } | { kind: 'gone' } | NotCovered>
  /** With `products`, only a customer whom a caller with such a list may see (see `maySeeCustomer`). */
  findCustomer(accountId: string, customerId: string, products?: ProductList): Promise<Customer | null>
  findCustomerByEmail(accountId: string, email: string): Promise<Customer | null>
  /** Oldest first. `email` keeps the one customer with that email, `products` those whom `findCustomer` would find. */
  listCustomers(
    accountId: string,
    filter: CustomerFilter,
    page: PageRequest | WalkRequest,
  ): Promise<FoundPage<Customer>>
}
