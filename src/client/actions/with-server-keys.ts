import { isLicenseError } from '../../protocol'
import type { KitContext } from '../kit-context'
import { keyIdOf } from '../trust/decode-jws'
import type { Asking } from './fetch-key-set'

/** The server's key set is looked at once a day at most when nothing needs it. */
const LOOK_EVERY_MS = 86_400_000

/**
 * Verifies a signed text. When the key it is signed with is not known here, asks the server for statements about that key,
 * signed with keys that are known, and verifies once more.
 *
 * @param text the text that `verify` verifies
 * @param asking bounds asking the server
 * @throws what `verify` throws
 */
export async function withServerKeys<T>(
  context: KitContext,
  text: string,
  verify: () => Promise<T>,
  asking: Asking,
): Promise<T> {
  try {
    return await verify()
  } catch (error) {
    const kid = isKeyUnknown(error) ? keyIdOf(text) : undefined
    if (kid === undefined) throw error
    const { learnKey } = await import('./fetch-key-set')
    if (!(await learnKey(context, kid, asking))) throw error
    return await verify()
  }
}

/**
 * Looks at the server's key set, since a key may have been revoked; not within a day of the last look. Best effort: never
 * throws.
 */
export async function lookAtKeySet(context: KitContext, totalTimeoutMs: number): Promise<void> {
  const { lastLook = Number.NEGATIVE_INFINITY } = context.trustedKeys
  if (performance.now() - lastLook < LOOK_EVERY_MS) return
  const { fetchKeySet } = await import('./fetch-key-set')
  await fetchKeySet(context, totalTimeoutMs)
}

function isKeyUnknown(error: unknown): boolean {
  return (
    isLicenseError(error, 'TOKEN_KEY_UNKNOWN') ||
    (isLicenseError(error) && isLicenseError(error.cause, 'TOKEN_KEY_UNKNOWN'))
  )
}
