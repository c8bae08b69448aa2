import type { CachedActivation, CacheState } from './cache-record'

/** The stored activation, where it is of this license. */
export function findActivation(state: CacheState, licenseKey: string): CachedActivation | undefined {
  return state.kind === 'activation' && isSameKey(state.activation.licenseKey, licenseKey)
    ? state.activation
    : undefined
}

/** License keys are matched by canonical form: what was typed may differ from what was stored in case alone. */
export function isSameKey(one: string, other: string): boolean {
  return canonical(one) === canonical(other)
}

function canonical(licenseKey: string): string {
  return licenseKey.normalize('NFKC').trim().toUpperCase()
}
