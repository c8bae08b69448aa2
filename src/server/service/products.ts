import { DEFAULT_GRACE_SECONDS, DEFAULT_OFFLINE_LIFETIME_SECONDS, type Product } from '../../domain/product'
import { createId } from '../../domain/random'
import type { ProductChanges } from '../../storage/verbs/store'
import { type Call, planEvent, planStep, type ServiceContext, settle } from './context'
import { productMissing } from './refusals'

export interface CreateProduct {
  readonly name: string
  /** How long a license token is good for without contact. Default 14 days. */
  readonly offlineLifetimeSeconds?: number
  /** How long past that a check passes with a warning. Default 7 days. */
  readonly graceSeconds?: number
  /** The features its licenses grant. Default none. */
  readonly entitlements?: readonly string[]
  /**
   * Whether apps must prove, with a key of their own, which host they are. The client kit does; a plain KeyMint client
   * cannot, and is answered 403. Default false.
   */
  readonly requireProof?: boolean
  /** Whether whoever has a license key may list its devices and free one of them. Default false. */
  readonly selfService?: boolean
  /** How long a trial lasts, which each host may have once; at least 60. Default null: there is none. */
  readonly trialSeconds?: number | null
}

/** Makes a product, with the next free package id. */
export async function createProduct(context: ServiceContext, call: Call, input: CreateProduct): Promise<Product> {
  const now = context.now()
  const id = createId('prod', context.random)
  const event = planEvent(context, call, now, 'product.created', { productId: id })
  const product = {
    id,
    name: input.name,
    active: true,
    offlineLifetimeSeconds: input.offlineLifetimeSeconds ?? DEFAULT_OFFLINE_LIFETIME_SECONDS,
    graceSeconds: input.graceSeconds ?? DEFAULT_GRACE_SECONDS,
    entitlements: input.entitlements ?? [],
    requireProof: input.requireProof ?? false,
    selfService: input.selfService ?? false,
    trialSeconds: input.trialSeconds ?? null,
    createdAt: now,
  }
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
