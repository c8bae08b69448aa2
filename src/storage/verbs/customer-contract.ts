import type { Customer } from '../../domain/customer'
import type { CustomerChanges } from '../../domain/decide-customer'
import type { Page, PageRequest, Step, StepResult } from './outcomes'

export interface CustomerVerbs {
  /** Stores a customer. `email-taken` when the account has one whose `canonicalEmail` is equal. */
  insertCustomer(
    accountId: string,
    customer: Customer,
    step: Step<'created'>,
  ): StepResult<{ kind: 'created'; customer: Customer } | { kind: 'email-taken' }>
  /** Changes a customer; `updatedAt` becomes `step.now`. `toggle` flips `active` on the stored row. */
  updateCustomer(
    accountId: string,
    customerId: string,
    changes: CustomerChanges | 'toggle',
    step: Step<'updated'>,
  ): StepResult<{ kind: 'updated'; customer: Customer } | { kind: 'email-taken' } | { kind: 'gone' }>
  /**
   * Deletes the customer with its licenses and their activations, all or nothing. A customer of very many licenses loses them
   * in several steps, each whole, and is itself deleted with the last: what was planned for the step happens then.
   */
  deleteCustomer(
    accountId: string,
    customerId: string,
    step: Step<'deleted'>,
  ): StepResult<{ kind: 'deleted'; licenses: number } | { kind: 'gone' }>
  findCustomer(accountId: string, customerId: string): Promise<Customer | null>
  findCustomerByEmail(accountId: string, email: string): Promise<Customer | null>
  /** Oldest first. `email` keeps the one customer with that email. */
  listCustomers(accountId: string, filter: { readonly email?: string }, page: PageRequest): Promise<Page<Customer>>
}
