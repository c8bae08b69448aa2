import type { Customer } from '../../domain/customer'
import type { CustomerChanges } from '../../storage/verbs/store'
import type { ListOptions, StoreOptions } from '../commands/store-options'
import { UsageError } from '../failure'
import { findCustomer } from '../find-customer'
import { LICENSE_HEADINGS, toJson as licenseToJson, toRow as toLicenseRow } from '../license-view'
import { readStore, withStore } from '../open-store'
import type { Change } from '../option-values'
import { print, printJson } from '../output'
import { pageOf, printPage } from '../paging'
import { cell, formatFields, formatTable } from '../table'

export interface CreateCustomerOptions extends StoreOptions {
  readonly email?: string
}

export function createCustomer(name: string, options: CreateCustomerOptions): Promise<void> {
  const { email } = options
  return withStore(options, async ({ licensing }) => {
    show(await licensing.customers.create({ name, ...(email !== undefined && { email }) }), options)
  })
}

const LICENSES_SHOWN = { limit: 100 }

export function showCustomer(named: string, options: StoreOptions): Promise<void> {
  return readStore(options, async (store) => {
    const customer = await findCustomer(store, named)
    const { items, total } = await store.licensing.licenses.list({ customerId: customer.id }, LICENSES_SHOWN)
    if (options.json) {
      const licenses = { total, items: items.map((license) => licenseToJson(license, customer)) }
      return printJson({ ...toJson(customer), licenses })
    }
    print(formatFields([...fieldsOf(customer), ['Licenses', String(total)]]))
    if (total > 0) print(`\n${formatTable(LICENSE_HEADINGS, items.map(toLicenseRow))}`)
    if (items.length < total) print(`\n${items.length} of ${total}; keyslot license list --customer shows all.`)
  })
}

export function listCustomers(options: ListOptions): Promise<void> {
  return readStore(options, async ({ licensing }) => {
    const page = await licensing.customers.list(pageOf(options))
    printPage(page, options, { headings: ['ID', 'NAME', 'EMAIL', 'STATUS', 'MADE'], row: toRow }, toJson)
  })
}

export interface UpdateCustomerOptions extends StoreOptions {
  readonly name?: string
  readonly email?: Change<string>
}

export function updateCustomer(named: string, options: UpdateCustomerOptions): Promise<void> {
  const { name, email } = options
  const changes = { ...(name !== undefined && { name }), ...(email && { email: email.to }) }
  if (Object.keys(changes).length === 0) throw new UsageError('nothing to change was given; see --help')
  return change(named, changes, options)
}

export function setCustomerActive(active: boolean, named: string, options: StoreOptions): Promise<void> {
  return change(named, { active }, options)
}

export function deleteCustomer(named: string, options: StoreOptions & { readonly yes?: true }): Promise<void> {
  if (!options.yes) {
    throw new UsageError('this deletes the customer with all its licenses for good; add --yes if it is meant')
  }
  return withStore(options, async (store) => {
    const { id, name } = await findCustomer(store, named)
    const licenses = await store.licensing.customers.delete(id)
    if (options.json) return printJson({ id, deleted: true, licenses })
    print(`${cell(name)} is deleted, and with it ${licenses} license${licenses === 1 ? '' : 's'}.`)
  })
}

function change(named: string, changes: CustomerChanges, options: StoreOptions): Promise<void> {
  return withStore(options, async (store) => {
    const { id } = await findCustomer(store, named)
    show(await store.licensing.customers.update(id, changes), options)
  })
}

function show(customer: Customer, { json }: StoreOptions): void {
  if (json) printJson(toJson(customer))
  else print(formatFields(fieldsOf(customer)))
}

function fieldsOf(customer: Customer): readonly (readonly [string, string])[] {
  return [
    ['Customer', customer.id],
    ['Name', cell(customer.name)],
    ['Email', cell(customer.email)],
    ['Status', statusOf(customer)],
    ['Made', cell(customer.createdAt)],
  ]
}

function toRow(customer: Customer): readonly string[] {
  return [customer.id, cell(customer.name), cell(customer.email), statusOf(customer), cell(customer.createdAt)]
}

function toJson({ accountId: _, ...customer }: Customer) {
  return customer
}

function statusOf({ active }: Customer): string {
  return active ? 'active' : 'disabled'
}
