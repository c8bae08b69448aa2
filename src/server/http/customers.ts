import type { Customer } from '../../domain/customer'
import { withoutUndefined } from '../../domain/fields'
import type { License } from '../../domain/license'
import { isCovered } from '../../domain/product-list'
import * as customers from '../service/customers'
import { endpoint } from './endpoint'
import { toExpiry, toInstant } from './instants'

/** A customer has no more keys than this in one answer; the newest are left out, and a header says how many there are. */
const MAX_KEYS = 10_000

/** Family A's customers. */
export const customerEndpoints = [
  endpoint('createCustomer', {
    async handle({ input, call }, context) {
      const { id, name, email } = await customers.createCustomer(context, call, withoutUndefined(input))
      const data = { id, name, email }
      const message = 'Customer created successfully'
      return { status: 201, body: { action: 'createCustomer', status: true, message, data, code: 0 } }
    },
  }),
  endpoint('listCustomers', {
    async handle({ input: { page, limit, email }, call }, context) {
      const request = { limit, offset: (page - 1) * limit }
      const filter = withoutUndefined({ email, products: call.products })
      const { items, total } = await context.store.listCustomers(call.accountId, filter, request)
      const meta = { total, page, limit, totalPages: Math.ceil(total / limit) }
      return { body: { action: 'getCustomers', status: true, data: items.map(toData), meta, code: 0 } }
    },
  }),
  endpoint('getCustomer', {
    async handle({ input, call }, context) {
      const customer = await customers.findCustomer(context, call, input.customerId)
      return { body: { action: 'getCustomerById', status: true, data: [toData(customer)], code: 0 } }
    },
  }),
  endpoint('updateCustomer', {
    async handle({ input: { customerId, ...changes }, call }, context) {
      const customer = await customers.updateCustomer(context, call, customerId, withoutUndefined(changes))
      const message = 'Customer updated successfully'
      return { body: { action: 'updateCustomer', status: true, message, data: toData(customer), code: 0 } }
    },
  }),
  endpoint('deleteCustomer', {
    async handle({ input: { customerId }, call }, context) {
      await customers.deleteCustomer(context, call, customerId)
      const message = 'Customer deleted successfully'
      return { body: { action: 'removeCustomer', status: true, message, code: 0 } }
    },
  }),
  endpoint('toggleCustomer', {
    async handle({ input, call }, context) {
      const { name, active } = await customers.updateCustomer(context, call, input.customerId, 'toggle')
      const message = active ? 'Customer enabled' : 'Customer disabled'
      return { body: { action: 'toggleActive', status: true, message, customerName: name, active, code: 0 } }
    },
  }),
  endpoint('listCustomerKeys', {
    async handle({ input: { customerId }, call, wire }, context) {
      await customers.findCustomer(context, call, customerId)
      const { items, total } = await context.store.listLicenses(call.accountId, { customerId }, { limit: MAX_KEYS })
      const data = items.filter((license) => isCovered(license, call.products)).map(toKey)
      const more = total > items.length ? { headers: { 'X-Total-Count': String(total) } } : {}
      if (wire === '2026-09') return { body: data, ...more }
      return { body: { action: 'getCustomerLicenseKeys', status: true, data, code: 0 }, ...more }
    },
  }),
]

function toData({ id, name, email, active, createdAt, updatedAt, createdBy }: Customer) {
  return { id, name, email, active, createdAt: toInstant(createdAt), updatedAt: toInstant(updatedAt), createdBy }
}

function toKey(license: License) {
  return {
    id: license.id,
    key: license.key,
    productId: license.productIds[0] ?? '',
    // Typed SDKs need a number: 0 stands for unlimited.
    maxActivations: license.maxActivations ?? 0,
    activations: license.activationCount,
    activated: !license.blocked,
    expirationDate: toExpiry(license.expiresAt),
    versionId: license.versionId,
    metadata: license.metadata,
    allowedHosts: license.allowedHosts,
  }
}
