import { isLicenseError } from '../../protocol'
import type { KitContext } from '../kit-context'
import { MAX_LIST_LENGTH } from '../trust/revocation-list'
import { downloadFromServer } from './server-address'
import { takeRevocationList } from './take-revocation-list'
import { withServerKeys } from './with-server-keys'

/**
 * Fetches the revocation list of the app's product and takes it. Best effort: a bad network or list throws nothing, but leaves its reason in
 * `revocations.lastProblem`. There is one try; the next `refresh()` makes another one.
 */
export async function fetchRevocationList(context: KitContext, totalTimeoutMs: number): Promise<void> {
  const { config, revocations } = context
  const deadline = performance.now() + totalTimeoutMs
  try {
    const path = `/.well-known/revocations/${encodeURIComponent(config.productId)}.jws`
    const text = (await downloadFromServer(context, path, MAX_LIST_LENGTH, totalTimeoutMs)).trim()
    const remainingMs = Math.max(1, deadline - performance.now())
    await withServerKeys(context, text, () => takeRevocationList(context, text), {
      totalTimeoutMs: remainingMs,
      maxTries: 1,
    })
    revocations.lastProblem = null
  } catch (error) {
    revocations.lastProblem = isLicenseError(error) ? error.code : 'SERVER_UNREACHABLE'
  }
}
