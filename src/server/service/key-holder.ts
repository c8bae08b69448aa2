import { isKeyOf } from '../../domain/host-user'
import { STRONG_KEY_BITS } from '../../domain/license-key'
import type { Call, ServiceContext } from './context'

/** Who asks about a license key. */
export interface KeyHolder {
  /** True where the account has the key, and nobody guesses it. */
  readonly isStrong: boolean
  /** True where the caller has shown the proof key that its host is bound to. */
  readonly isBound: boolean
}

/** What is asked about. */
export interface KeyAsked {
  /** Undefined where no key is named. */
  readonly canonicalKey: string | undefined
  readonly productId?: string | undefined
  readonly hostId?: string | undefined
}

const NOBODY: KeyHolder = { isStrong: false, isBound: false }

/** Looks up what is known of a license key and of the host that asks about it, for limits that the honest pass. */
export async function lookForHolder(
  { store }: ServiceContext,
  { accountId, proof: { proofKey = null } }: Pick<Call, 'accountId' | 'proof'>,
  { canonicalKey, productId, hostId }: KeyAsked,
): Promise<KeyHolder> {
  if (canonicalKey === undefined) return NOBODY
  const found = await store.findLicense(accountId, canonicalKey)
  if (found.kind !== 'found') return NOBODY
  const isStrong = (found.license.keyBits ?? 0) >= STRONG_KEY_BITS
  if (productId === undefined || hostId === undefined || proofKey === null) return { isStrong, isBound: false }
  const held = await store.findActivation(accountId, { canonicalKey, productId, hostId })
  return {
    isStrong,
    isBound: held.kind === 'found' && held.activation?.keys.some((one) => isKeyOf(one, proofKey)) === true,
  }
}
