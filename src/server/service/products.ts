import { defaultProductTerms, type Product, type ProductTerms } from '../../domain/product'
import { createId } from '../../domain/random'
import { type AuthtoolClientInput, keepAuthtoolClient } from './authtool-client'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { packageIncomplete, packageTokenTaken, productMissing } from './refusals'

export interface CreateProduct extends Partial<ProductTerms> {
  readonly name: string
}

/** What is given is changed; absent stays. */
export interface UpdateProduct extends Partial<ProductTerms> {
  readonly name?: string
  /** What serves the apps that were made for AuthTool; null switches it off. See `docs/authtool-client.md`. */
  readonly authtoolClient?: AuthtoolClientInput | null
}

/** Makes a product, with the next free package id. */
export async function createProduct(context: ServiceContext, call: Call, input: CreateProduct): Promise<Product> {
  const now = context.now()
  const id = createId('prod', context.random)
  const event = planEvent(context, call, now, 'product.created', { productId: id })
  const product = { id, ...defaultProductTerms(), ...input, authtoolClient: null, createdAt: now }
  const step = planStep(call, now, { created: [event] })
  const outcome = await settle(call, context.store.insertProduct(call.accountId, product, step))
  return outcome.product
}

/**
 * Changes a product. Making it inactive makes its keys look unknown to families A and B.
 * @throws {LicenseError} PRODUCT_NOT_FOUND
 * @throws {LicenseError} INVALID_REQUEST when `authtoolClient` lacks its token or key, or has the token of another product
 */
export async function updateProduct(
  context: ServiceContext,
  call: Call,
  productId: string,
  { authtoolClient, ...terms }: UpdateProduct,
): Promise<Product> {
  const now = context.now()
  const client = authtoolClient && keepAuthtoolClient(context, productId, authtoolClient)
  const changes = { ...terms, ...(client !== undefined && { authtoolClient: client }) }
  const event = planEvent(context, call, now, 'product.updated', { productId, fields: Object.keys(changes) })
  const step = planStep(call, now, { updated: [event] })
  const outcome = await settle(call, context.store.updateProduct(call.accountId, productId, changes, step))
  if ('product' in outcome) return outcome.product
  if (outcome.kind === 'gone') throw productMissing()
  throw outcome.kind === 'incomplete' ? packageIncomplete() : packageTokenTaken()
}
