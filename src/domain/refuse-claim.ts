import type { Activation } from './activation'
import type { Customer } from './customer'
import { isDropped, isProven, type KeyedSlot } from './host-keys'
import { admitsHost, hasFreeSlot, isExpired, type License, type LicenseRefusal, refuseLicense } from './license'
import type { Product } from './product'
import type { Proof } from './proof'

/** Why a claim of an activation slot is refused; `limit-reached` and `users-exceeded` are the storage step's own to find. */
export type ClaimRefusal =
  | LicenseRefusal
  | 'wrong-type'
  | 'host-not-allowed'
  | 'proof-required'
  | 'key-dropped'
  | 'users-exceeded'
  | 'limit-reached'

/** What a claim is decided on: the stored rows, read inside the storage step. */
export interface ClaimRows {
  readonly license: License
  readonly product: Pick<Product, 'requireProof'>
  readonly customer: Customer | null
  /** This host's activation, or the one that would be moved to it: what `findHeld` finds. */
  readonly activation: Activation | null
}

/**
 * The rule of claiming an activation slot: why it is refused, or undefined. Call it inside the atomic step, on rows
 * read in that step: its answer holds only as long as they do.
 */
export function refuseClaim(
  rows: ClaimRows,
  claim: { readonly hostId: string; readonly isRestored?: true } & Proof,
  now: Date,
): ClaimRefusal | undefined {
  const { license, product, customer, activation } = rows
  const refusal = refuseLicense(license, customer, now)
  if (refusal !== undefined) return refusal
  if (license.type !== 'node-locked') return 'wrong-type'
  if (!admitsHost(license, claim.hostId)) return 'host-not-allowed'
  if (lacksProof(product, activation, claim, now)) return 'proof-required'
  const isOut = claim.isRestored !== true && activation?.hostId === claim.hostId && isDropped(activation, claim)
  if (isOut) return 'key-dropped'
  if (activation !== null) return isExpired(activation.expiresAt, now) ? 'expired' : undefined
  return hasFreeSlot(license) ? undefined : 'limit-reached'
}

/**
 * True where a key must be shown and none is: the product asks every app for one, or this host is bound to some. Another
 * key than those is bound to the host as well (`takeoverOf`): computers have several users, and a reinstall has lost its own.
 */
export function lacksProof(
  product: Pick<Product, 'requireProof'>,
  activation: (KeyedSlot & Pick<Activation, 'surrenderedAt'>) | null,
  proof: Proof,
  now: Date,
): boolean {
  if (proof.trusted === true || (proof.proofKey ?? null) !== null) return false
  return (
    product.requireProof ||
    (activation !== null && activation.surrenderedAt === null && !isProven(activation, proof, now))
  )
}
