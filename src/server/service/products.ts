import { defaultProductTerms, type Product, type ProductChanges, type ProductTerms } from '../../domain/product'
import { createId } from '../../domain/random'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { productMissing } from './refusals'

export interface CreateProduct extends Partial<ProductTerms> {
  readonly name: string
}

/** Makes a product, with the next free package id. */
export async function createProduct(context: ServiceContext, call: Call, input: CreateProduct): Promise<Product> {
  const now = context.now()
  const id = createId('prod', context.random)
  const event = planEvent(context, call, now, 'product.created', { productId: id })
  const product = { id, ...defaultProductTerms(), ...input, createdAt: now }
  const step = planStep(call, now, { created: [event] })
  const outcome = await settle(call, context.store.insertProduct(call.accountId, product, step))
  return outcome.product
}

/**
 * Changes a product. Making it inactive makes its keys look unknown to families A and B.
 * @throws {LicenseError} PRODUCT_NOT_FOUND
 */
export async function updateProduct(
  context: ServiceContext,
  call: Call,
  productId: string,
  changes: ProductChanges,
): Promise<Product> {
  const now = context.now()
  const event = planEvent(context, call, now, 'product.updated', { productId, fields: Object.keys(changes) })
  const step = planStep(call, now, { updated: [event] })
  const outcome = await settle(call, context.store.updateProduct(call.accountId, productId, changes, step))
  if (outcome.kind === 'gone') throw productMissing()
  return outcome.product
}
