import type { Product } from '../../server/domain/product'
import type { ProductChanges } from '../../server/index'
import { showSeconds } from '../duration'
import { UsageError } from '../failure'
import { namedProduct } from '../named-product'
import { type OpenStore, type StoreOptions, withStore } from '../open-store'
import { print, printJson } from '../output'
import { type ListOptions, printPage } from '../paging'
import { cell, formatFields } from '../table'

interface ProductOptions extends StoreOptions {
  readonly json?: true
  /** In seconds. */
  readonly offlineLifetime?: number
  /** In seconds. */
  readonly grace?: number
  readonly entitlements?: readonly string[]
}

export interface CreateProductOptions extends ProductOptions {
  readonly name: string
}

export interface UpdateProductOptions extends ProductOptions {
  readonly name?: string
  readonly activate?: true
  readonly deactivate?: true
}

export function createProduct(options: CreateProductOptions): Promise<void> {
  const make = async ({ licensing }: OpenStore) => {
    show(await licensing.products.create({ name: options.name, ...termsIn(options) }), options)
  }
  return withStore(options, make, { create: true })
}

export function listProducts(options: StoreOptions & ListOptions): Promise<void> {
  return withStore(options, async ({ licensing }) => {
    const page = await licensing.products.list(options)
    const headings = ['PACKAGE', 'ID', 'NAME', 'STATUS', 'OFFLINE', 'GRACE', 'ENTITLEMENTS']
    printPage(page, options, { headings, row: toRow }, toJson)
  })
}

export function updateProduct(named: string, options: UpdateProductOptions): Promise<void> {
  const changes = changesIn(options)
  return withStore(options, async (store) => {
    const { id } = await namedProduct(store, named)
    show(await store.licensing.products.update(id, changes), options)
  })
}

function changesIn({ name, activate, deactivate, ...terms }: UpdateProductOptions): ProductChanges {
  if (activate && deactivate) throw new UsageError('--activate and --deactivate exclude each other')
  const changes = {
    ...(name !== undefined && { name }),
    ...((activate || deactivate) && { active: activate === true }),
    ...termsIn(terms),
  }
  if (Object.keys(changes).length === 0) throw new UsageError('nothing to change was given; see --help')
  return changes
}

function termsIn({ offlineLifetime, grace, entitlements }: Omit<ProductOptions, 'storage'>) {
  return {
    ...(offlineLifetime !== undefined && { offlineLifetimeSeconds: offlineLifetime }),
    ...(grace !== undefined && { graceSeconds: grace }),
    ...(entitlements !== undefined && { entitlements }),
  }
}

function show(product: Product, { json }: ProductOptions): void {
  if (json) printJson(toJson(product))
  else print(formatFields(fieldsOf(product)))
}

function fieldsOf(product: Product): readonly (readonly [string, string])[] {
  return [
    ['Product', product.id],
    ['Package id', String(product.packageId)],
    ['Name', cell(product.name)],
    ['Status', statusOf(product)],
    ['Offline lifetime', showSeconds(product.offlineLifetimeSeconds)],
    ['Grace', showSeconds(product.graceSeconds)],
    ['Entitlements', cell(product.entitlements.join(', '))],
  ]
}

function toRow(product: Product): readonly string[] {
  return [
    cell(product.packageId),
    cell(product.id),
    cell(product.name),
    statusOf(product),
    showSeconds(product.offlineLifetimeSeconds),
    showSeconds(product.graceSeconds),
    cell(product.entitlements.join(', ')),
  ]
}

function toJson({ accountId: _, ...product }: Product) {
  return product
}

function statusOf({ active }: Product): string {
  return active ? 'active' : 'inactive'
}
