import type { CacheState, Contact, Recovery, Refusal } from '../store/cache-record'
import type { RevokedReason } from '../words/license-check'
import type { Asking } from './asking'
import { contactCode, isRevokedReason, refusalIn } from './verdict'

/**
 * Asks about a license that was refused, by what its refusal keeps: a no is not for ever. A later yes is stored like any.
 *
 * No slot is taken, with one exception: a license that the vendor had deleted, and that exists again under its key, has
 * forgotten its hosts.
 */
export async function askAgain(asking: Asking, refusal: Refusal, recovery: Recovery): Promise<void> {
  // The vendor wants somebody to press activate: of two copies that ask by themselves each would be told yes.
  if (refusal.reason === 'HOST_CLONED') return
  const { licenseKey, proofKey } = recovery
  const answer = await asking.validate(licenseKey, proofKey)
  const granted = await asking.read(answer, proofKey)
  const { cache } = asking.context
  if (granted !== undefined) {
    const { activation } = granted
    await cache.update((found) => (isSame(found, recovery) ? { kind: 'activation', activation } : undefined))
  } else {
    const reason = refusalIn(answer)
    const exists = refusal.reason === 'LICENSE_NOT_FOUND' && reason === 'ACTIVATION_NOT_FOUND'
    const code = exists ? await asking.claim(licenseKey) : contactCode(answer)
    if (code !== undefined) await remember(asking, recovery, code, exists ? undefined : reason)
  }
  await asking.takeNews(answer)
}

async function remember(
  asking: Asking,
  recovery: Recovery,
  code: Contact['code'],
  said: RevokedReason | undefined,
): Promise<void> {
  const contact = asking.contact(code)
  await asking.context.cache.update((found) => {
    if (!isSame(found, recovery)) return undefined
    // A slot that is not to be had now may be free later: such a license stays one that comes back by itself.
    const reason = said ?? (isRevokedReason(code) ? code : found.reason)
    return { ...found, reason, contact }
  })
}

/** Whether the cache still holds the refusal that was asked about. */
function isSame(found: CacheState, { licenseKey, proofKey }: Recovery): found is Refusal {
  if (found.kind !== 'refused' || typeof found.recovery !== 'object') return false
  return found.recovery.licenseKey === licenseKey && found.recovery.proofKey.x === proofKey.x
}
