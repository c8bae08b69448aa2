import { isLicenseError } from '../../protocol'
import type { KitContext } from '../kit-context'
import { keyIdOf } from '../trust/decode-jws'

/** How long, and how often, the server may be asked. */
export interface Asking {
  readonly totalTimeoutMs: number
  readonly maxTries: number
}

/** How often the server's key set is looked at without need, at most: once a day. */
const LOOK_EVERY_MS = 86_400_000

/**
 * Verifies something signed; where it is signed with a key not known here, once more with what the server's key set
 * says of that key, in statements of keys that are.
 *
 * @param text what `verify` verifies
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

/** Looks at the server's key set, unless it was within a day: a key may have been revoked. Best effort: never throws. */
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
