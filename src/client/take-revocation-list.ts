import type { KitContext } from './kit-context'

/**
 * Takes a signed list, and with it the time it proves: `check()` judges the stored license by both from then on.
 * @throws {LicenseError} REVOCATION_LIST_MALFORMED, REVOCATION_LIST_UNTRUSTED, REVOCATION_LIST_OUTDATED
 */
export async function takeRevocationList({ cache, revocations }: KitContext, text: string): Promise<void> {
  const { iat } = await revocations.accept(text.trim())
  await cache.update((found) => {
    if (found.kind !== 'activation') return undefined
    const { highestTimeSeen, provenTime = 0 } = found.activation
    if (iat <= provenTime) return undefined
    const times = { highestTimeSeen: Math.max(highestTimeSeen, iat), provenTime: iat }
    return { kind: 'activation', activation: { ...found.activation, ...times } }
  })
}
