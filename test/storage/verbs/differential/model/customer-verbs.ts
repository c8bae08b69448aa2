import type { CustomerVerbs } from '../../../../../src/storage/verbs/customer-contract'
import { revokeAll } from './apply'
import type { Handle } from './handle'
import { oldestFirst, pageOf } from './lists'
import { owned, ownedBy, refuseTakenId } from './tables'

export function customerVerbs(handle: Handle): CustomerVerbs {
  return {
    insertCustomer: (accountId, customer, step) =>
      handle.mutate(accountId, step, (tables) => {
        if (tables.customerByEmail(accountId, customer.email) !== undefined) return { kind: 'email-taken' }
        refuseTakenId(tables.customers, customer)
        const stored = structuredClone(customer)
        tables.putCustomer(stored)
        return { kind: 'created', customer: stored }
      }),

    updateCustomer: (accountId, customerId, changes, step) =>
      handle.mutate(accountId, step, (tables) => {
        const customer = owned(tables.customers, customerId, accountId)
        if (customer === null) return { kind: 'gone' }
        const changed = { ...customer, ...(changes === 'toggle' ? { active: !customer.active } : changes) }
        const updated = {
          ...changed,
          name: changed.name || changed.email || customer.name,
          updatedAt: new Date(step.now),
        }
        const holder = tables.customerByEmail(accountId, updated.email)
        if (holder !== undefined && holder.id !== customerId) return { kind: 'email-taken' }
        tables.putCustomer(updated)
        return { kind: 'updated', customer: updated }
      }),

    deleteCustomer: (accountId, customerId, step) =>
      handle.mutate(accountId, step, (tables) => {
        const customer = owned(tables.customers, customerId, accountId)
        if (customer === null) return { kind: 'gone' }
        const licenses = [...tables.licenses.values()].filter((license) => license.customerId === customerId)
        revokeAll(tables, licenses, step.now)
        for (const license of licenses) tables.deleteLicense(license)
        tables.deleteCustomer(customer)
        return { kind: 'deleted', licenses: licenses.length }
      }),

    findCustomer: async (accountId, customerId) =>
      structuredClone(owned(handle.tables.customers, customerId, accountId)),

    findCustomerByEmail: async (accountId, email) =>
      structuredClone(handle.tables.customerByEmail(accountId, email) ?? null),

    listCustomers: async (accountId, { email }, page) => {
      const { tables } = handle
      if (email === undefined) return pageOf(oldestFirst(ownedBy(accountId, tables.customers)), page)
      const customer = tables.customerByEmail(accountId, email)
      return pageOf(customer === undefined ? [] : [customer], page)
    },
  }
}
