import { LicenseError } from '../../protocol'
import type { Config } from '../options'
import { errorSentence } from '../words/error-messages'
import type { Fetch } from './fetch'
import { readText } from './read-text'

/**
 * Fetches something the license server publishes, in one try of at most `tryTimeoutMs` and `totalTimeoutMs`.
 * @param path below the server's URL
 * @throws {LicenseError} SERVER_UNREACHABLE when there was no answer, another than 200, or one above `maxBytes`
 */
export async function download(
  { fetch, serverUrl, tryTimeoutMs }: Config,
  path: string,
  maxBytes: number,
  totalTimeoutMs: number,
): Promise<string> {
  const aborter = new AbortController()
  let timer: NodeJS.Timeout | undefined
  // The race also ends a try whose `fetch` does not heed its signal.
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => {
        reject(nothingCame())
        aborter.abort()
      },
      Math.min(tryTimeoutMs, totalTimeoutMs),
    )
  })
  try {
    return await Promise.race([getText(fetch, `${serverUrl}${path}`, maxBytes, aborter.signal), timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** Without the access token, which what is public does not need. */
async function getText(fetch: Fetch, url: string, maxBytes: number, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { method: 'GET', headers: {}, redirect: 'manual', signal })
  const text = response.status === 200 ? await readText(response, maxBytes) : undefined
  if (text === undefined) throw nothingCame()
  return text
}

function nothingCame(): LicenseError {
  return new LicenseError('SERVER_UNREACHABLE', errorSentence('SERVER_UNREACHABLE'))
}
