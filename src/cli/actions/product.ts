import type { Product } from '../../domain/product'
import type { CloneRule } from '../../protocol/enumerations'
import type { ProductsApi } from '../../server/index'
import { readAuthtoolClient } from '../authtool-client-file'
import type { ListOptions, StoreOptions } from '../commands/store-options'
import { UsageError } from '../failure'
import { findProduct } from '../find-product'
import { type OpenStore, readStore, withStore } from '../open-store'
import type { Change } from '../option-values'
import { print, printJson } from '../output'
import { pageOf, printPage } from '../paging'
import { showSeconds } from '../show-duration'
import { cell, formatFields } from '../table'

const DAY_SECONDS = 86_400

type UpdateProduct = Parameters<ProductsApi['update']>[1]

interface ProductOptions extends StoreOptions {
  /** In seconds. */
  readonly offlineLifetime?: number
  /** In seconds. */
  readonly grace?: number
  readonly entitlements?: readonly string[]
  readonly requireProof?: boolean
  readonly selfService?: boolean
  readonly onClone?: CloneRule
}

export interface CreateProductOptions extends ProductOptions {
  readonly trialDays?: number
  readonly usersPerHost?: number
}

export interface UpdateProductOptions extends ProductOptions {
  readonly name?: string
  readonly activate?: true
  readonly deactivate?: true
  readonly trialDays?: Change<number>
  readonly usersPerHost?: Change<number>
  /** A file. */
  readonly authtoolClient?: Change<string>
}

export function createProduct(name: string, options: CreateProductOptions): Promise<void> {
  const make = async ({ licensing }: OpenStore) => {
    const { trialDays, usersPerHost } = options
    const terms = {
      ...termsIn(options),
      ...(trialDays !== undefined && { trialSeconds: trialDays * DAY_SECONDS }),
      ...(usersPerHost !== undefined && { usersPerHost }),
    }
    show(await licensing.products.create({ name, ...terms }), options)
  }
  return withStore(options, make, { create: true })
}

export function listProducts(options: ListOptions): Promise<void> {
  return readStore(options, async ({ licensing }) => {
    const page = await licensing.products.list(pageOf(options))
    const headings = [
      'PACKAGE',
      'ID',
      'NAME',
      'STATUS',
      'OFFLINE',
      'GRACE',
      'PROOF',
      'DEVICES',
      'TRIAL',
      'ENTITLEMENTS',
    ]
    printPage(page, options, { headings, row: toRow }, toJson)
  })
}

export async function updateProduct(named: string, options: UpdateProductOptions): Promise<void> {
  const changes = await changesIn(options)
  return withStore(options, async (store) => {
    const { id } = await findProduct(store, named)
    show(await store.licensing.products.update(id, changes), options)
  })
}

async function changesIn({
  name,
  activate,
  deactivate,
  trialDays,
  usersPerHost,
  authtoolClient,
  ...terms
}: UpdateProductOptions): Promise<UpdateProduct> {
  if (activate && deactivate) throw new UsageError('--activate and --deactivate exclude each other')
  const changes = {
    ...(name !== undefined && { name }),
    ...((activate || deactivate) && { active: activate === true }),
    ...termsIn(terms),
    ...(trialDays !== undefined && { trialSeconds: trialDays.to === null ? null : trialDays.to * DAY_SECONDS }),
    ...(usersPerHost !== undefined && { usersPerHost: usersPerHost.to }),
    ...(authtoolClient !== undefined && { authtoolClient: await clientIn(authtoolClient) }),
  }
  if (Object.keys(changes).length === 0) throw new UsageError('nothing to change was given; see --help')
  return changes
}

async function clientIn({ to: file }: Change<string>) {
  return file === null ? null : await readAuthtoolClient(file)
}

function termsIn(options: Omit<ProductOptions, 'storage'>) {
  const { offlineLifetime, grace, entitlements, requireProof, selfService, onClone } = options
  return {
    ...(offlineLifetime !== undefined && { offlineLifetimeSeconds: offlineLifetime }),
    ...(grace !== undefined && { graceSeconds: grace }),
    ...(entitlements !== undefined && { entitlements }),
    ...(requireProof !== undefined && { requireProof }),
    ...(selfService !== undefined && { selfService }),
    ...(onClone !== undefined && { onClone }),
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
    ['Proof of possession', proofOf(product)],
    ['Device self-service', selfServiceOf(product)],
    ['Cloned hosts', clonesOf(product)],
    ['Trial', trialOf(product)],
    ['Users per host', cell(product.usersPerHost ?? 'default')],
    ['AuthTool apps', authtoolOf(product)],
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
    proofOf(product),
    selfServiceOf(product),
    trialOf(product),
    cell(product.entitlements.join(', ')),
  ]
}

/** A product without what its apps' AES key and token are kept as. */
function toJson({ accountId: _, authtoolClient: client, ...product }: Product) {
  if (client === null) return { ...product, authtoolClient: null }
  const { tokenHash: __, sealedKey: ___, ...authtoolClient } = client
  return { ...product, authtoolClient }
}

function authtoolOf({ authtoolClient }: Product): string {
  return authtoolClient === null ? 'not served' : `served, ${authtoolClient.status}, ${authtoolClient.mode}`
}

function proofOf({ requireProof }: Product): string {
  return requireProof ? 'required' : 'optional'
}

function selfServiceOf({ selfService }: Product): string {
  return selfService ? 'self-service' : 'vendor only'
}

function clonesOf({ onClone }: Product): string {
  return onClone === 'reactivate' ? 'event, and activate again' : 'event'
}

function trialOf({ trialSeconds }: Product): string {
  return trialSeconds === null ? 'none' : showSeconds(trialSeconds)
}

function statusOf({ active }: Product): string {
  return active ? 'active' : 'inactive'
}
