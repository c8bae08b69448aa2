import type { ProductVersion } from '../../domain/product-version'
import type { ProductVersionChanges } from '../../storage/verbs/store'
import type { ListOptions, StoreOptions } from '../commands/store-options'
import { UsageError } from '../failure'
import { findProduct } from '../find-product'
import { findVersion } from '../find-version'
import { readStore, withStore } from '../open-store'
import type { Change } from '../option-values'
import { print, printJson } from '../output'
import { pageOf, printPage } from '../paging'
import { cell, formatFields } from '../table'

interface VersionOptions extends StoreOptions {
  readonly product?: string
}

export interface CreateVersionOptions extends VersionOptions {
  readonly description?: string
}

export interface UpdateVersionOptions extends VersionOptions {
  readonly rename?: string
  readonly description?: Change<string>
  readonly activate?: true
  readonly deactivate?: true
}

export function createVersion(version: string, options: CreateVersionOptions): Promise<void> {
  const { product, description } = options
  return withStore(options, async (store) => {
    const { id } = await findProduct(store, product)
    const input = { version, ...(description !== undefined && { description }) }
    show(await store.licensing.products.createVersion(id, input), options)
  })
}

export function listVersions(options: ListOptions & { readonly product?: string }): Promise<void> {
  return readStore(options, async (store) => {
    const { id } = await findProduct(store, options.product)
    const page = await store.licensing.products.listVersions(id, pageOf(options))
    printPage(
      page,
      options,
      { headings: ['VERSION', 'ID', 'STATUS', 'MADE', 'DESCRIPTION'], row: toRow },
      (version) => version,
    )
  })
}

export function updateVersion(named: string, options: UpdateVersionOptions): Promise<void> {
  const changes = changesIn(options)
  return withStore(options, async (store) => {
    const { id: productId } = await findProduct(store, options.product)
    const { id } = await findVersion(store, [productId], named)
    show(await store.licensing.products.updateVersion(productId, id, changes), options)
  })
}

function changesIn({ rename, description, activate, deactivate }: UpdateVersionOptions): ProductVersionChanges {
  if (activate && deactivate) throw new UsageError('--activate and --deactivate exclude each other')
  const changes = {
    ...(rename !== undefined && { version: rename }),
    ...(description && { description: description.to }),
    ...((activate || deactivate) && { active: activate === true }),
  }
  if (Object.keys(changes).length === 0) throw new UsageError('nothing to change was given; see --help')
  return changes
}

function show(version: ProductVersion, { json }: VersionOptions): void {
  if (json) printJson(version)
  else print(formatFields(fieldsOf(version)))
}

function fieldsOf(version: ProductVersion): readonly (readonly [string, string])[] {
  return [
    ['Version', cell(version.version)],
    ['Id', version.id],
    ['Product', version.productId],
    ['Status', statusOf(version)],
    ['Description', cell(version.description)],
    ['Made', cell(version.createdAt)],
  ]
}

function toRow(version: ProductVersion): readonly string[] {
  const { id, createdAt, description } = version
  return [cell(version.version), id, statusOf(version), cell(createdAt), cell(description)]
}

function statusOf({ active }: ProductVersion): string {
  return active ? 'active' : 'inactive'
}
