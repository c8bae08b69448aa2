import { type AccessToken, coversProduct } from '../../domain/access-token'
import type { Customer } from '../../domain/customer'
import { withoutUndefined } from '../../domain/fields'
import type { License } from '../../domain/license'
import type { Call, ServiceContext } from '../service/context'
import * as customers from '../service/customers'
import { customerMissing } from '../service/refusals'
import { authorizeProducts } from './authenticate'
import { endpoint } from './endpoint'
import { toExpiry, toInstant } from './instants'

/** A customer has no more keys than this in one answer; the newest are left out. */
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
      const filter = email === undefined ? {} : { email }
      const { items, total } = await context.store.listCustomers(call.accountId, filter, request)
      const meta = { total, page, limit, totalPages: Math.ceil(total / limit) }
      return { body: { action: 'getCustomers', status: true, data: items.map(toData), meta, code: 0 } }
    },
  }),
  endpoint('getCustomer', {
    async handle({ input, call }, context) {
      const customer = await find(context, call, input.customerId)
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
    async handle({ input: { customerId }, call, token }, context) {
      await requireAllLicenses(context, call, token, customerId)
      await customers.deleteCustomer(context, call, customerId)
      const message = 'Customer deleted successfully'
      return { body: { action: 'removeCustomer', status: true, message, code: 0 } }
    },
  }),
  endpoint('toggleCustomer', {
    async handle({ input, call }, context) {
      const { active } = await customers.updateCustomer(context, call, input.customerId, 'toggle')
      const message = active ? 'Customer enabled' : 'Customer disabled'
      return { body: { action: 'toggleActive', status: true, message, code: 0 } }
    },
  }),
  endpoint('listCustomerKeys', {
    async handle({ input: { customerId }, call, token }, context) {
      await find(context, call, customerId)
      const { items } = await licensesOf(context, call, customerId)
      const data = items.flatMap((license) => {
        const productId = license.productIds.find((id) => coversProduct(token, id))
        return productId === undefined ? [] : [toKey(license, productId)]
      })
      return { body: { action: 'getCustomerLicenseKeys', status: true, data, code: 0 } }
    },
  }),
]

async function find(context: ServiceContext, call: Call, customerId: string): Promise<Customer> {
  const customer = await context.store.findCustomer(call.accountId, customerId)
  if (customer === null) throw customerMissing()
  return customer
}

function licensesOf(context: ServiceContext, call: Call, customerId: string, offset = 0) {
  return context.store.listLicenses(call.accountId, { customerId }, { limit: MAX_KEYS, offset })
}

/** Licenses go with their customer: a token with a product list may only delete one whose products are all on it. */
async function requireAllLicenses(context: ServiceContext, call: Call, token: AccessToken, customerId: string) {
  if (token.productIds === null) return
  for (let offset = 0; ; offset += MAX_KEYS) {
    const { items, total } = await licensesOf(context, call, customerId, offset)
    for (const { productIds } of items) authorizeProducts(token, productIds)
    if (offset + items.length >= total || items.length === 0) return
  }
}

function toData({ id, name, email, active, createdAt, updatedAt, createdBy }: Customer) {
  return { id, name, email, active, createdAt: toInstant(createdAt), updatedAt: toInstant(updatedAt), createdBy }
}

/** A license as seen by who may see this one of its products. */
function toKey(license: License, productId: string) {
  return {
    id: license.id,
    key: license.key,
    productId,
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
