import type { Customer } from '../domain/customer'
import { LicenseError } from '../protocol/license-error'
import type { StoreInUse } from './open-store'

/**
 * Finds the customer that an argument names, by id or by email.
 * @throws {LicenseError} CUSTOMER_NOT_FOUND
 */
export async function findCustomer({ licensing }: StoreInUse, named: string): Promise<Customer> {
  const { customers } = licensing
  const customer = named.includes('@') ? await customers.findByEmail(named) : await customers.get(named)
  if (customer) return customer
  throw new LicenseError(
    'CUSTOMER_NOT_FOUND',
    'There is no such customer; keyslot customer list shows those there are, with their ids',
  )
}
