import type { Product } from '../../domain/product'
import { lacksProof } from '../../domain/refuse-claim'
import { trialKey } from '../../domain/trial-key'
import { isLicenseError, LicenseError } from '../../protocol/license-error'
import { type Activate, type Activated, activate } from './activate'
import { type Call, planEvent, type ServiceContext } from './context'
import { planLicense } from './create-licenses'
import { claimRefused, productMissing } from './refusals'

/** A host that wants to try a product. */
export interface StartTrial extends Omit<Activate, 'canonicalKey' | 'hostId' | 'replaceDevice'> {
  readonly hostId: string
}

/**
 * Makes this host's trial of a product, or finds the one it has had, and activates it.
 *
 * @throws {LicenseError} PRODUCT_NOT_FOUND
 * @throws {LicenseError} TRIAL_NOT_OFFERED when the product has none
 * @throws {LicenseError} LICENSE_EXPIRED when this host's trial is over, or what else activating it would
 */
export async function startTrial(context: ServiceContext, call: Call, input: StartTrial): Promise<Activated> {
  const { productId } = input
  const product = await context.store.findProduct(call.accountId, productId)
  const canonicalKey = product?.active
    ? await chooseTrial(context, call, product, input)
    : trialKey(productId, input.hostId)
  try {
    // Of a product there is not, too: the step knows whether this very call has been answered before.
    return await activate(context, call, { ...input, canonicalKey })
  } catch (error) {
    throw product?.active !== true && isLicenseError(error, 'LICENSE_NOT_FOUND') ? productMissing() : error
  }
}

/** The trial to go on with, by its key: this host's, else the first of those it had under another id, else a new one. */
async function chooseTrial(
  context: ServiceContext,
  call: Call,
  product: Product,
  { hostId, previousHostIds = [] }: StartTrial,
): Promise<string> {
  const { trialSeconds } = product
  if (trialSeconds === null) throw new LicenseError('TRIAL_NOT_OFFERED', 'The product offers no trial')
  if (lacksProof(product, null, call.proof)) throw claimRefused('proof-required')
  const own = trialKey(product.id, hostId)
  if (previousHostIds.length > 0) {
    const keys = [own, ...previousHostIds.map((previous) => trialKey(product.id, previous))]
    for (const key of keys) {
      const found = await context.store.findLicense(call.accountId, key)
      if (found.kind === 'found') return key
    }
  }
  await insertTrial(context, call, { productId: product.id, trialSeconds, key: own })
  return own
}

/** Stores a trial's license, unless it is there: which of the two is all the same. */
async function insertTrial(
  context: ServiceContext,
  call: Call,
  { productId, trialSeconds, key }: { readonly productId: string; readonly trialSeconds: number; readonly key: string },
): Promise<void> {
  const now = context.now()
  const terms = {
    productIds: [productId],
    maxActivations: 1,
    expiresAt: new Date(now.getTime() + trialSeconds * 1000),
    metadata: { trial: true },
  }
  const license = planLicense(context, call, terms, key, now)
  const event = planEvent(context, call, now, 'license.created', { productIds: [productId], trial: true }, license.id)
  // Once for a key, so that it needs no idempotency key; that is the activation's.
  await context.store.insertLicenses(call.accountId, { licenses: [license] }, { now, events: { created: [event] } })
}
