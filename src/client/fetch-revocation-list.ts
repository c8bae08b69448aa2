import { isLicenseError, LicenseError } from '../protocol'
import type { Fetch } from './fetch'
import type { KitContext } from './kit-context'
import { sentenceFor } from './messages'
import type { Config } from './options'
import { MAX_LIST_LENGTH } from './revocation-list'
import { takeRevocationList } from './take-revocation-list'

const LIST_PATH = '/.well-known/revocations.jws'

/**
 * Fetches the revocation list and takes it. Best effort: never throws for what the network or the list is like, but
 * leaves the reason in `revocations.lastProblem`.
 */
export async function fetchRevocationList(context: KitContext): Promise<void> {
  const { revocations } = context
  try {
    await takeRevocationList(context, await download(context.config))
    revocations.lastProblem = null
  } catch (error) {
    revocations.lastProblem = isLicenseError(error) ? error.code : 'SERVER_UNREACHABLE'
  }
}

/**
 * One try, of at most `tryTimeoutMs`: the next `refresh()` is another.
 * @throws {LicenseError} SERVER_UNREACHABLE when no list came
 */
async function download({ fetch, serverUrl, tryTimeoutMs }: Config): Promise<string> {
  const aborter = new AbortController()
  let timer: NodeJS.Timeout | undefined
  // The race also ends a try whose `fetch` does not heed its signal.
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(noList())
      aborter.abort()
    }, tryTimeoutMs)
  })
  try {
    return await Promise.race([getText(fetch, `${serverUrl}${LIST_PATH}`, aborter.signal), timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** Without the access token, which the list does not need. */
async function getText(fetch: Fetch, url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { method: 'GET', headers: {}, redirect: 'manual', signal })
  if (response.status !== 200 || Number(response.headers.get('content-length')) > MAX_LIST_LENGTH) throw noList()
  return await response.text()
}

function noList(): LicenseError {
  return new LicenseError('SERVER_UNREACHABLE', sentenceFor('SERVER_UNREACHABLE'))
}
