import { LicenseError } from '../../protocol'
import { isTimeout, withTimeout } from '../../waiting/with-timeout'
import { errorSentence } from '../words/error-sentences'
import type { Fetch } from './fetch'
import { readText } from './read-text'

/** Where downloads come from. */
export interface DownloadSource {
  readonly fetch: Fetch
  readonly serverUrl: string
  /** Longest wait for one answer. */
  readonly tryTimeoutMs: number
}

/**
 * Fetches a document that the license server publishes. There is one try, of at most `tryTimeoutMs` and at most
 * `totalTimeoutMs`.
 *
 * @param path below the server's URL
 * @throws {LicenseError} SERVER_UNREACHABLE when no answer came in time, its status is not 200, or it is above `maxBytes`
 * @throws what `fetch` throws
 */
export async function download(
  { fetch, serverUrl, tryTimeoutMs }: DownloadSource,
  path: string,
  maxBytes: number,
  totalTimeoutMs: number,
): Promise<string> {
  const get = (signal: AbortSignal) => getText(fetch, `${serverUrl}${path}`, maxBytes, signal)
  return await withTimeout(get, Math.min(tryTimeoutMs, totalTimeoutMs)).catch((error: unknown) => {
    throw isTimeout(error) ? nothingCame() : error
  })
}

/** Sends no access token: a public document needs none. */
async function getText(fetch: Fetch, url: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { method: 'GET', headers: {}, redirect: 'manual', signal })
  const text = response.status === 200 ? await readText(response, maxBytes) : undefined
  if (text === undefined) throw nothingCame()
  return text
}

function nothingCame(): LicenseError {
  return new LicenseError('SERVER_UNREACHABLE', errorSentence('SERVER_UNREACHABLE'))
}
