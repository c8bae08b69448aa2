import type { ProductVersion, ProductVersionTerms } from '../../domain/product-version'
import { createId } from '../../domain/random'
import type { ProductVersionChanges } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { productMissing, versionMissing } from './refusals'

export interface CreateProductVersion extends Partial<ProductVersionTerms> {
  readonly version: string
}

/**
 * Makes a version of a product, which licenses can be tied to.
 * @throws {LicenseError} PRODUCT_NOT_FOUND
 */
export async function createProductVersion(
  context: ServiceContext,
  call: Call,
  productId: string,
  input: CreateProductVersion,
): Promise<ProductVersion> {
  const now = context.now()
  const id = createId('ver', context.random)
  const made = { id, productId, description: null, active: true, ...input, createdAt: now }
  const event = planEvent(context, call, now, 'product-version.created', { productId, versionId: made.id })
  const step = planStep(call, now, { created: [event] })
  const outcome = await settle(call, context.store.insertProductVersion(call.accountId, made, step))
  if (outcome.kind === 'gone') throw productMissing()
  return outcome.version
}

/**
 * Changes a version. An inactive one stays with the licenses that have it, and is given to no others.
 * @throws {LicenseError} VERSION_NOT_FOUND
 */
export async function updateProductVersion(
  context: ServiceContext,
  call: Call,
  productId: string,
  versionId: string,
  changes: ProductVersionChanges,
): Promise<ProductVersion> {
  const now = context.now()
  const event = planEvent(context, call, now, 'product-version.updated', { productId, versionId })
  const step = planStep(call, now, { updated: [event] })
  const outcome = await settle(
    call,
    context.store.updateProductVersion(call.accountId, productId, versionId, changes, step),
  )
  if (outcome.kind === 'gone') throw versionMissing()
  return outcome.version
}

/** The version a license is tied to, if it is to one of this product. Costs nothing for the many that are not. */
export async function findVersion(
  context: ServiceContext,
  call: Call,
  productId: string,
  versionId: string | null,
): Promise<ProductVersion | null> {
  return versionId === null ? null : context.store.findProductVersion(call.accountId, productId, versionId)
}
