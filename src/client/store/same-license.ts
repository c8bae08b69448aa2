import { canonicalKey } from '../../protocol/license-key-text'
import type { CachedActivation, CacheState } from './cache-record'

/** The stored activation, if it is an activation of this license. */
export function findActivation(state: CacheState, licenseKey: string): CachedActivation | undefined {
  return state.kind === 'activation' && isSameKey(state.activation.licenseKey, licenseKey)
    ? state.activation
    : undefined
}

/** Whether two texts are the same license key. A typed key may differ from the stored one in case and white space. */
export function isSameKey(one: string, other: string): boolean {
  return canonicalKey(one) === canonicalKey(other)
}
