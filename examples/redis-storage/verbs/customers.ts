import type { Customer, Page, Storage } from 'keyslot/storage'
import { customerAsk, emailAsk } from '../asks'
import { rowOf } from '../rows'
import type { Store } from '../store'

type CustomerVerbs = Pick<
  Storage,
  'insertCustomer' | 'updateCustomer' | 'deleteCustomer' | 'findCustomer' | 'findCustomerByEmail' | 'listCustomers'
>

export function customerVerbs(store: Store): CustomerVerbs {
  const findByEmail = (account: string, email: string) =>
    store.find<Customer>('customers', 'findCustomerByEmail', { account, email: emailAsk(email) })

  return {
    insertCustomer: (accountId, customer, step) =>
      store.mutate('customers', 'insertCustomer', accountId, step, { new: customerAsk(customer) }),
    updateCustomer: (accountId, id, changes, step) => {
      const ask =
        changes === 'toggle'
          ? { toggles: true, changes: [] }
          : { changesEmail: changes.email !== undefined, email: emailAsk(changes.email), changes: rowOf(changes) }
      return store.mutate('customers', 'updateCustomer', accountId, step, { id, ...ask })
    },
    deleteCustomer: (accountId, id, step) => store.mutate('customers', 'deleteCustomer', accountId, step, { id }),
    findCustomer: (account, id) => store.find<Customer>('customers', 'findCustomer', { account, id }),
    findCustomerByEmail: findByEmail,
    listCustomers: async (account, { email }, page): Promise<Page<Customer>> => {
      if (email === undefined) return store.page('customers', 'listCustomers', page, { account })
      const customer = await findByEmail(account, email)
      const found = customer === null ? [] : [customer]
      const { limit, offset = 0 } = page
      return { items: found.slice(offset, offset + limit), total: found.length }
    },
  }
}
